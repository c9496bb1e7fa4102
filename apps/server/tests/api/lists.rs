//! Pages: of conversations and of messages alike.

use serde_json::{Value, json};

use crate::support::{Client, Database, TestApp, on_every_database};

on_every_database! {
    links_lead_through_a_list_and_keep_the_other_parameters
    links_name_the_host_that_was_asked
    links_name_what_a_proxy_says_was_asked_where_it_is_trusted
    the_last_page_can_be_asked_for_by_name
    the_first_page_of_nothing_is_an_empty_page
    a_page_that_does_not_exist_is_a_404
    a_page_has_its_default_size_and_its_largest
    a_size_that_is_none_is_refused
    an_order_that_is_none_is_refused
    a_filter_with_a_nul_is_refused
    odd_query_strings_are_read_without_harm
    messages_are_listed_beside_another_one
    links_lead_from_message_to_message_through_a_whole_history
    what_is_no_place_in_a_history_is_refused
}

/// A person with a conversation of this many messages, and the path of their list.
async fn with_messages(app: &TestApp, count: usize) -> (Client, String) {
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    for n in 1..=count {
        ada.say(&thread, &n.to_string()).await;
    }
    (ada, format!("/api/conversations/{thread}/messages"))
}

fn contents(page: &Value) -> Vec<&str> {
    page["results"].as_array().unwrap().iter().map(|m| m["content"].as_str().unwrap()).collect()
}

async fn links_lead_through_a_list_and_keep_the_other_parameters(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, path) = with_messages(&app, 5).await;
    let (mut next, mut seen, mut previous) =
        (format!("{}{path}?page_size=2&order=desc&x=a%26b%20c", app.base()), Vec::new(), Vec::new());
    loop {
        let link = next.strip_prefix(&app.base()).expect("a link is absolute");
        let page = ada.get(link).await.expect(200).json();
        assert_eq!(page["count"], 5);
        seen.extend(contents(&page).into_iter().map(str::to_owned));
        previous.push(page["previous"].clone());
        match page["next"].as_str() {
            Some(link) => next = link.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, ["5", "4", "3", "2", "1"]);
    let link =
        |page: u32| json!(format!("{}{path}/?page_size=2&order=desc&x=a%26b+c&page={page}", app.base()));
    assert_eq!(previous, [Value::Null, link(1), link(2)]);
}

async fn links_name_the_host_that_was_asked(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, path) = with_messages(&app, 2).await;
    let request =
        ada.ask(reqwest::Method::GET, &format!("{path}/?page_size=1")).header("Host", "chat.example.org:81");
    let page = ada.answer(request).await.expect(200).json();
    assert_eq!(page["next"], format!("http://chat.example.org:81{path}/?page_size=1&page=2"));
}

async fn links_name_what_a_proxy_says_was_asked_where_it_is_trusted(on: Database) {
    for (trusted, seen) in [("127.0.0.1", "https://chat.example.org"), ("192.0.2.0/24", "http://inside:81")] {
        let app = TestApp::with(on, &[("TRUSTED_PROXIES", trusted)]).await;
        let (ada, path) = with_messages(&app, 2).await;
        let request =
            ada.ask(reqwest::Method::GET, &format!("{path}?page_size=1")).header("Host", "inside:81");
        let request =
            request.header("X-Forwarded-Proto", "https").header("X-Forwarded-Host", "chat.example.org");
        let page = ada.answer(request).await.expect(200).json();
        assert_eq!(page["next"], format!("{seen}{path}/?page_size=1&page=2"));
    }
}

async fn the_last_page_can_be_asked_for_by_name(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, path) = with_messages(&app, 5).await;
    let page = ada.get(&format!("{path}?page_size=2&page=last")).await.expect(200).json();
    assert_eq!((contents(&page), &page["next"]), (vec!["5"], &Value::Null));
    assert!(page["previous"].as_str().unwrap().ends_with("page=2"));
}

async fn the_first_page_of_nothing_is_an_empty_page(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, messages) = with_messages(&app, 0).await;
    let eve = app.register("eve@example.org").await;
    let nothing = json!({ "count": 0, "next": null, "previous": null, "results": [] });
    for query in ["", "?page=1", "?page=last", "?page=1&page_size=7"] {
        assert_eq!(ada.get(&format!("{messages}{query}")).await.expect(200).json(), nothing);
        assert_eq!(eve.get(&format!("/api/conversations{query}")).await.expect(200).json(), nothing);
    }
}

async fn a_page_that_does_not_exist_is_a_404(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, messages) = with_messages(&app, 3).await;
    for page in [
        "2",
        "0",
        "-1",
        "1.5",
        "abc",
        "",
        "+1",
        "1e0",
        "%31%00",
        "99999999999999999999999999",
        "Last",
        "null",
    ] {
        for path in [messages.as_str(), "/api/conversations"] {
            ada.get(&format!("{path}?page={page}")).await.refused(404, "not_found", "Invalid page.");
        }
    }
}

async fn a_page_has_its_default_size_and_its_largest(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, messages) = with_messages(&app, 201).await;
    for _ in 0..100 {
        ada.conversation("Bronn").await;
    }
    let size = async |path: &str, query: &str| {
        ada.get(&format!("{path}?{query}")).await.expect(200).json()["results"].as_array().unwrap().len()
    };
    let conversations = "/api/conversations";
    assert_eq!((size(&messages, "").await, size(conversations, "").await), (50, 20));
    assert_eq!((size(&messages, "page_size=1").await, size(conversations, "page_size=1").await), (1, 1));
    for query in ["page_size=200", "page_size=201", "page_size=99999999999999999999999"] {
        assert_eq!((size(&messages, query).await, size(conversations, query).await), (200, 100), "{query}");
    }
}

async fn a_size_that_is_none_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, messages) = with_messages(&app, 1).await;
    for size in ["0", "-1", "abc", "", "1.5", "%00", "1,2", "null", "0x10", "%EF%BC%91"] {
        let answer = ada.get(&format!("{messages}?page_size={size}")).await;
        answer.refused_fields(&[("page_size", "A whole number from 1 to 200 was expected.")]);
        let answer = ada.get(&format!("/api/conversations?page_size={size}")).await;
        answer.refused_fields(&[("page_size", "A whole number from 1 to 100 was expected.")]);
    }
}

async fn an_order_that_is_none_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, messages) = with_messages(&app, 1).await;
    for order in [
        "",
        "ASC",
        "Desc",
        "ascending",
        "-created_at",
        "1",
        "null",
        "%00",
        "asc%20",
        "%EF%BD%81sc",
        "asc&order=x",
    ] {
        let answer = ada.get(&format!("{messages}?order={order}")).await;
        answer.refused_fields(&[("order", "asc or desc was expected.")]);
    }
}

async fn a_filter_with_a_nul_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, _) = with_messages(&app, 1).await;
    for character in ["%00", "Bronn%00", "%00Bronn", "%20%00", "a&character=b%00"] {
        let answer = ada.get(&format!("/api/conversations?character={character}")).await;
        answer.refused_fields(&[("character", "Null characters are not allowed.")]);
    }
    for nobody in ["bronn", "%25", "Bron_", "%27%3B--", "%FF", "Bronn%E2%80%8B"] {
        let page = ada.get(&format!("/api/conversations?character={nobody}")).await.expect(200).json();
        assert_eq!(page["count"], 0, "{nobody}");
    }
}

async fn odd_query_strings_are_read_without_harm(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, messages) = with_messages(&app, 1).await;
    for query in
        ["&&&", "=", "page", "%", "%zz", "%ff=%fe", "a=b=c&a", ";", &format!("q={}", "x".repeat(50_000))]
    {
        let answer = ada.get(&format!("{messages}?{query}")).await;
        if query == "page" {
            answer.refused(404, "not_found", "Invalid page.");
        } else {
            answer.expect(200);
        }
    }
}

async fn messages_are_listed_beside_another_one(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, path) = with_messages(&app, 7).await;
    let all = ada.get(&path).await.expect(200).json();
    let id = |number: usize| all["results"][number - 1]["id"].as_str().unwrap().to_owned();
    let beside = async |query: String| ada.get(&format!("{path}?{query}")).await.expect(200).json();
    let link = |query: String| json!(format!("{}{path}/?{query}", app.base()));

    let page = beside(format!("before={}&limit=2", id(5))).await;
    assert_eq!((contents(&page), &page["count"]), (vec!["3", "4"], &json!(7)));
    assert_eq!(page["previous"], link(format!("limit=2&before={}", id(3))));
    assert_eq!(page["next"], link(format!("limit=2&after={}", id(4))));
    let page = beside(format!("after={}&limit=2&order=desc", id(3).to_uppercase())).await;
    assert_eq!(contents(&page), ["5", "4"]);
    assert_eq!(page["previous"], link(format!("limit=2&order=desc&after={}", id(5))));
    assert_eq!(page["next"], link(format!("limit=2&order=desc&before={}", id(4))));
    let page = beside(format!("before={}", id(3))).await;
    assert_eq!((contents(&page), &page["previous"]), (vec!["1", "2"], &Value::Null));
    let page = beside(format!("after={}&limit=9999", id(7))).await;
    assert_eq!(page, json!({ "count": 7, "next": null, "previous": null, "results": [] }));
}

async fn links_lead_from_message_to_message_through_a_whole_history(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, path) = with_messages(&app, 8).await;
    let newest = ada.get(&format!("{path}?order=desc&page_size=1")).await.expect(200).json();
    let mut next = json!(format!(
        "{}{path}?order=desc&limit=3&before={}",
        app.base(),
        newest["results"][0]["id"].as_str().unwrap()
    ));
    let mut seen: Vec<String> = contents(&newest).into_iter().map(str::to_owned).collect();
    while let Some(link) = next.as_str() {
        let page = ada.get(link.strip_prefix(&app.base()).unwrap()).await.expect(200).json();
        seen.extend(contents(&page).into_iter().map(str::to_owned));
        next = page["next"].clone();
    }
    assert_eq!(seen, ["8", "7", "6", "5", "4", "3", "2", "1"]);
}

async fn what_is_no_place_in_a_history_is_refused(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, path) = with_messages(&app, 2).await;
    let id = ada.get(&path).await.json()["results"][0]["id"].as_str().unwrap().to_owned();
    let elsewhere =
        ada.say(&ada.conversation("Nemo").await, "elsewhere").await["id"].as_str().unwrap().to_owned();
    let eve = app.register("eve@example.org").await;
    let hers = eve.say(&eve.conversation("Bronn").await, "hers").await["id"].as_str().unwrap().to_owned();
    for place in
        ["", "nonsense", "1", "%00", "null", "00000000-0000-0000-0000-000000000000", &elsewhere, &hers]
    {
        for side in ["before", "after"] {
            ada.get(&format!("{path}?{side}={place}")).await.refused(404, "not_found", "Not found.");
        }
    }
    for (query, both) in [("before", "after"), ("page=1&before", "limit"), ("after", "page")] {
        let answer = ada.get(&format!("{path}?{query}={id}&{both}=2")).await;
        answer.refused(400, "invalid", "Only one of page, before and after can be given.");
    }
    for limit in ["0", "-1", "abc", "", "1.5", "%00", "null"] {
        for (query, name) in [("before", "limit"), ("before", "page_size"), ("order=asc&unknown", "limit")] {
            let answer = ada.get(&format!("{path}?{query}={id}&{name}={limit}")).await;
            answer.refused_fields(&[(name, "A whole number from 1 to 200 was expected.")]);
        }
    }
}
