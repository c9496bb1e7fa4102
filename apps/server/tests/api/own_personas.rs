//! Characters that people make, bring, change and take along.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::operations::pixel;
use crate::support::{Answer, Client, Database, TestApp, on_every_database};

on_every_database! {
    a_character_is_made_spoken_to_changed_and_deleted
    a_private_character_is_nobody_elses_business
    a_public_character_is_everybodys_to_speak_to_and_its_makers_to_change
    short_names_are_made_of_names_and_are_never_somebody_elses
    what_a_character_is_made_of_is_checked_field_by_field
    a_card_that_was_imported_is_exported_with_everything_that_was_in_it
    a_folder_comes_as_a_zip_and_goes_as_every_format
    what_is_no_character_is_refused_and_nothing_is_kept
    a_picture_is_taken_in_written_anew_and_taken_away
    a_draft_is_previewed_without_being_kept
    a_conversation_is_led_by_its_settings
    characters_know_who_speaks_to_them
    lists_are_searched_and_name_their_makers_own
}

fn wren() -> Value {
    json!({
        "name": "Wren",
        "description": "{{char}} runs the night ferry. {{user}} is her passenger.",
        "greeting": "Mind the plank, {{user}}.",
        "alternate_greetings": ["You are late."],
        "tags": ["ferry"],
        "knowledge": [{"id": "bell", "tags": ["bell"], "summary": "The drowned bell rings before a storm."}],
        "temperature": 0.9,
    })
}

async fn send_file(person: &Client, method: Method, path: &str, bytes: impl Into<reqwest::Body>) -> Answer {
    person.answer(person.ask(method, path).body(bytes)).await
}

async fn import(person: &Client, bytes: impl Into<reqwest::Body>) -> Answer {
    send_file(person, Method::POST, "/api/personas/import", bytes).await
}

async fn bytes(person: &Client, path: &str) -> Vec<u8> {
    let response = person.ask(Method::GET, path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.bytes().await.unwrap().to_vec()
}

async fn a_character_is_made_spoken_to_changed_and_deleted(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let made = ada.post("/api/personas", &wren()).await.expect(201).json();
    assert_eq!(
        (&made["slug"], &made["mine"], &made["visibility"]),
        (&json!("wren"), &json!(true), &json!("private"))
    );
    assert_eq!(made["greetings"], json!(["Mind the plank, User.", "You are late."]));
    assert_eq!((&made["entries"], &made["source"]["temperature"]), (&json!(1), &json!(0.9)));

    let opened = ada
        .post("/api/conversations", &json!({"persona": "wren", "greeting": true}))
        .await
        .expect(201)
        .json();
    assert_eq!((&opened["character"], &opened["persona"]), (&json!("Wren"), &json!("wren")));
    let thread = opened["id"].as_str().unwrap();
    ada.send(thread, "What of the bell?").await;
    let body = &app.model.requests()[0].body;
    let system = body["messages"][0]["content"].as_str().unwrap();
    assert!(
        system.contains("Wren runs the night ferry.") && system.contains("The drowned bell rings"),
        "{system}"
    );
    assert_eq!(body["temperature"], json!(0.9));

    let changed =
        json!({"description": "{{char}} has sold the ferry.", "temperature": null, "visibility": "public"});
    let changed = ada.put("/api/personas/wren", &changed).await.expect(200).json();
    assert_eq!(
        (&changed["description"], &changed["visibility"]),
        (&json!("{{char}} has sold the ferry."), &json!("public"))
    );
    assert_eq!(changed["source"]["knowledge"][0]["id"], "bell", "what is not named stays");
    assert_eq!(changed["source"]["temperature"], json!(null));
    ada.send(thread, "And now?").await;
    let body = &app.model.requests()[1].body;
    assert!(body["messages"][0]["content"].as_str().unwrap().contains("Wren has sold the ferry."));

    ada.delete("/api/personas/wren").await.expect(204);
    ada.get("/api/personas/wren").await.expect(404);
    ada.delete("/api/personas/wren").await.expect(404);
    assert_eq!(ada.show(thread).await["persona"], json!(null), "the conversation stays, with a stranger");
    ada.send(thread, "Who are you?").await;
    assert!(!app.model.requests()[2].body.to_string().contains("sold the ferry"));
}

async fn a_private_character_is_nobody_elses_business(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ben) = (app.register("ada@example.org").await, app.register("ben@example.org").await);
    ada.post("/api/personas", &wren()).await.expect(201);
    for person in [&ben, &app.visitor()] {
        person.get("/api/personas/wren").await.expect(404);
        person.get("/api/personas/wren/export").await.expect(404);
        person.get("/api/personas/wren/avatar").await.expect(404);
        assert_eq!(person.get("/api/personas?q=ferry").await.expect(200).json()["count"], 0);
    }
    ben.post("/api/personas/wren/preview", &json!({"query": "x"})).await.expect(404);
    ben.put("/api/personas/wren", &json!({"name": "Mine"})).await.expect(404);
    ben.delete("/api/personas/wren").await.expect(404);
    send_file(&ben, Method::PUT, "/api/personas/wren/avatar", pixel()).await.expect(404);
    let refused = ben.post("/api/conversations", &json!({"persona": "wren"})).await.expect(400).json();
    assert_eq!(refused["persona"], json!(["There is no character of this short name."]));
    let stranger = ben.post("/api/conversations", &json!({"character": "Wren"})).await.expect(201).json();
    assert_eq!(stranger["persona"], json!(null));
    assert_eq!(ada.get("/api/personas/wren").await.expect(200).json()["name"], "Wren", "nothing was changed");
}

async fn a_public_character_is_everybodys_to_speak_to_and_its_makers_to_change(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ben) = (app.register("ada@example.org").await, app.register("ben@example.org").await);
    let mut public = wren();
    public["visibility"] = json!("public");
    ada.post("/api/personas", &public).await.expect(201);
    let seen = ben.get("/api/personas/wren").await.expect(200).json();
    assert_eq!((&seen["mine"], &seen["source"]), (&json!(false), &json!(null)));
    app.visitor().get("/api/personas/wren").await.expect(200);
    let opened = ben.post("/api/conversations", &json!({"character": "wren"})).await.expect(201).json();
    assert_eq!(opened["persona"], "wren");
    ben.put("/api/personas/wren", &json!({"name": "Mine"})).await.expect(404);
    ben.delete("/api/personas/wren").await.expect(404);

    ada.put("/api/personas/wren", &json!({"visibility": "private"})).await.expect(200);
    let thread = opened["id"].as_str().unwrap();
    assert_eq!(ben.show(thread).await["persona"], json!(null));
    ben.send(thread, "Who are you?").await;
    assert!(!app.model.requests()[0].body.to_string().contains("night ferry"));
}

async fn short_names_are_made_of_names_and_are_never_somebody_elses(on: Database) {
    let app = TestApp::start(on).await;
    let (ada, ben) = (app.register("ada@example.org").await, app.register("ben@example.org").await);
    let make = async |person: &Client, name: &str| {
        person.post("/api/personas", &json!({"name": name})).await.expect(201).json()["slug"].clone()
    };
    assert_eq!(make(&ada, "Wren").await, "wren");
    assert_eq!(make(&ada, "  WREN! ").await, "wren-2");
    assert_eq!(make(&ben, "Wren").await, "wren", "whoever else has one by this name");
    assert_eq!(make(&ada, "Bronn").await, "bronn-2", "the server's own keep theirs");
    assert_eq!(make(&ada, "孙悟空二").await, "孙悟空二");
    assert_eq!(make(&ada, "!?").await, "character");
    let taken = json!(["Another character has this short name."]);
    let refused = ada.post("/api/personas", &json!({"name": "X", "slug": "wren"})).await.expect(400).json();
    assert_eq!(refused["slug"], taken);
    let refused = ada.put("/api/personas/wren-2", &json!({"slug": "bronn"})).await.expect(400).json();
    assert_eq!(refused["slug"], taken);
    ada.put("/api/personas/wren", &json!({"visibility": "public"})).await.expect(200);
    let refused = ben.put("/api/personas/wren", &json!({"visibility": "public"})).await.expect(400).json();
    assert_eq!(refused["slug"], taken);
    assert_eq!(
        ben.put("/api/personas/wren", &json!({"slug": "jenny"})).await.expect(200).json()["slug"],
        "jenny"
    );
    ben.get("/api/personas/jenny").await.expect(200);
}

async fn what_a_character_is_made_of_is_checked_field_by_field(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for (field, value) in [
        ("name", json!("")),
        ("slug", json!("Not A Slug")),
        ("visibility", json!("secret")),
        ("alternate_greetings", json!("Hello")),
        ("tags", json!([1])),
        ("character_book", json!([])),
        ("knowledge", json!([1])),
        ("knowledge", json!([{"id": "bell", "summary": "One."}, {"summary": "Nobody knows which."}])),
        ("style", json!("system: [")),
        ("model", json!(1)),
        ("temperature", json!(2.1)),
        ("max_tokens", json!(0)),
    ] {
        let mut body = wren();
        body[field] = value.clone();
        let refused = ada.post("/api/personas", &body).await.expect(400).json();
        assert!(refused[field][0].is_string(), "{field} {value}: {refused}");
    }
    assert_eq!(
        ada.post("/api/personas", &json!({})).await.expect(400).json()["name"],
        json!(["This field is required."])
    );
    assert_eq!(ada.get("/api/personas?mine=true").await.expect(200).json()["count"], 0);
}

async fn a_card_that_was_imported_is_exported_with_everything_that_was_in_it(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let card = json!({
        "spec": "chara_card_v2", "spec_version": "2.0",
        "data": {
            "name": "Wren", "description": "A ferrywoman.", "first_mes": "Aye?", "tags": {"not": "a list"},
            "character_book": {"entries": [{"keys": ["bell"], "content": "It rings.", "enabled": true, "insertion_order": 1,
                "extensions": {"depth_prompt": 3}}], "extensions": {}},
            "extensions": {"somebody/else": {"kept": [1, null]}, "talkativeness": "0.5"},
            "unheard_of": {"deep": true},
        },
    });
    let imported = import(&ada, card.to_string()).await.expect(201).json();
    assert!(imported["ignored"][0].as_str().unwrap().contains("`tags`"), "{imported}");
    assert_eq!(imported["persona"]["slug"], "wren");
    ada.put("/api/personas/wren", &json!({"greeting": "Well?"})).await.expect(200);

    let exported: Value = serde_json::from_slice(&bytes(&ada, "/api/personas/wren/export").await).unwrap();
    let data = &exported["data"];
    assert_eq!((&data["first_mes"], &data["description"]), (&json!("Well?"), &json!("A ferrywoman.")));
    assert_eq!(data["extensions"]["somebody/else"], json!({"kept": [1, null]}));
    assert_eq!(data["unheard_of"], json!({"deep": true}));
    assert_eq!(data["character_book"]["entries"][0]["extensions"], json!({"depth_prompt": 3}));
}

async fn a_folder_comes_as_a_zip_and_goes_as_every_format(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let bronn = app.visitor();
    let knowledge = |persona: &Value| persona["entries"].as_u64().unwrap();
    let original = bronn.get("/api/personas/bronn").await.expect(200).json();
    for format in ["json", "png", "charx", "zip"] {
        let file = bytes(&bronn, &format!("/api/personas/bronn/export?format={format}")).await;
        let imported = import(&ada, file).await.expect(201).json();
        assert_eq!(knowledge(&imported["persona"]), knowledge(&original), "{format}");
        assert_eq!(imported["persona"]["greetings"], original["greetings"], "{format}");
        assert_eq!(imported["persona"]["aliases"], original["aliases"], "{format}");
    }
    let response = bronn.ask(Method::GET, "/api/personas/bronn/export?format=png").send().await.unwrap();
    assert_eq!(
        response.headers()["content-disposition"],
        "attachment; filename=\"bronn.png\"; filename*=UTF-8''bronn.png"
    );
    let refused = bronn.get("/api/personas/bronn/export?format=pdf").await.expect(400).json();
    assert_eq!(refused["format"], json!(["Expected json, png, charx or zip."]));
}

async fn what_is_no_character_is_refused_and_nothing_is_kept(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    for file in [
        &b"hello"[..],
        b"{}",
        b"[1]",
        b"PK\x03\x04broken",
        b"\x89PNG\r\n\x1a\nbroken",
        b"{\"data\": \"\xff\"}",
    ] {
        let refused = import(&ada, file.to_vec()).await.expect(400).json();
        assert_eq!(refused["code"], "bad_card", "{file:?}: {refused}");
    }
    assert_eq!(import(&ada, "").await.expect(400).json()["code"], "invalid");
    let deep = format!("{}{}", "{\"data\":".repeat(5_000), "}".repeat(5_000));
    assert_eq!(import(&ada, deep).await.expect(400).json()["code"], "bad_card");
    let large = vec![b' '; 17 * 1024 * 1024];
    assert_eq!(import(&ada, large).await.expect(413).json()["code"], "too_large");
    let refused =
        send_file(&ada, Method::POST, "/api/personas/import?visibility=x", "{}").await.expect(400).json();
    assert!(refused["visibility"][0].is_string(), "{refused}");
    assert_eq!(ada.get("/api/personas?mine=true").await.expect(200).json()["count"], 0);
    import(&app.visitor(), "{}").await.expect(401);
}

async fn a_picture_is_taken_in_written_anew_and_taken_away(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    ada.post("/api/personas", &wren()).await.expect(201);
    let avatar = "/api/personas/wren/avatar";
    ada.get(avatar).await.expect(404);
    let mut file = pixel();
    file.extend_from_slice(b"<script>");
    let shown = send_file(&ada, Method::PUT, avatar, file).await.expect(200).json();
    let address = shown["avatar"].as_str().unwrap();
    // A page shows it without a token; who does not know the address does not find it.
    let visitor = app.visitor();
    let picture = bytes(&visitor, address).await;
    assert!(picture.starts_with(b"\x89PNG") && !picture.ends_with(b"<script>"));
    visitor.get(avatar).await.expect(404);
    visitor.get(&format!("{avatar}?v=0123456789abcdef")).await.expect(404);
    assert_eq!(bytes(&ada, avatar).await, picture);

    let refused = send_file(&ada, Method::PUT, avatar, "<svg/>").await.expect(400).json();
    assert_eq!(refused["code"], "bad_picture");
    assert_eq!(bytes(&ada, avatar).await, picture, "the old one stays");
    ada.delete(avatar).await.expect(204);
    ada.get(avatar).await.expect(404);
    visitor.get(address).await.expect(404);
    assert_eq!(ada.get("/api/personas/wren").await.expect(200).json()["avatar"], json!(null));
}

async fn a_draft_is_previewed_without_being_kept(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    ada.put("/api/me", &json!({"display_name": "Ada"})).await.expect(200);
    let mut draft = wren();
    draft["query"] = json!("What of the bell?");
    let preview = ada.post("/api/personas/preview", &draft).await.expect(200).json();
    assert_eq!(preview["explanation"]["used"], json!(["bell"]));
    assert!(
        preview["messages"][0]["content"].as_str().unwrap().contains("Ada is her passenger."),
        "{preview}"
    );
    assert_eq!(ada.get("/api/personas?mine=true").await.expect(200).json()["count"], 0);
    assert_eq!(
        ada.post("/api/personas/preview", &json!({"query": "x"})).await.expect(400).json()["name"][0],
        "This field is required."
    );
    assert_eq!(app.model.requests().len(), 0);
}

async fn a_conversation_is_led_by_its_settings(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("Bronn").await;
    let path = format!("/api/conversations/{thread}");
    let shown = ada.show(&thread).await;
    for (field, usual) in
        [("note", json!("")), ("note_depth", json!(4)), ("temperature", json!(null)), ("summary", json!(""))]
    {
        assert_eq!(shown[field], usual, "{field}");
    }
    let about = app.visitor().get("/api/about").await.expect(200).json();
    let led = json!({
        "note": "It rains.", "note_depth": 0, "temperature": 0.25, "max_tokens": 9, "summary": "They met.",
        "model": about["models"][0],
    });
    let shown = ada.patch(&path, &led).await.expect(200).json();
    for (field, value) in led.as_object().unwrap() {
        assert_eq!(&shown[field], value, "{field}");
    }
    ada.send(&thread, "Hello").await;
    let body = &app.model.requests()[0].body;
    assert_eq!((&body["temperature"], &body["max_tokens"]), (&json!(0.25), &json!(9)));
    let said = body["messages"].to_string();
    assert!(said.contains("It rains.") && said.contains("They met."), "{said}");

    let again = ada.patch(&path, &json!({"temperature": null, "note": ""})).await.expect(200).json();
    assert_eq!(
        (&again["temperature"], &again["note"], &again["max_tokens"]),
        (&json!(null), &json!(""), &json!(9))
    );
    for (field, value) in [
        ("model", json!("dear-model")),
        ("note_depth", json!(101)),
        ("temperature", json!("hot")),
        ("max_tokens", json!(-1)),
        ("persona", json!("nobody")),
    ] {
        let refused = ada.patch(&path, &json!({field: value, "title": "Lost"})).await.expect(400).json();
        assert!(refused[field][0].is_string(), "{refused}");
    }
    assert_ne!(ada.show(&thread).await["title"], "Lost", "nothing is changed where a part is refused");
}

async fn characters_know_who_speaks_to_them(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    let me = ada.get("/api/me").await.expect(200).json();
    assert_eq!(
        (&me["email"], &me["display_name"], &me["description"]),
        (&json!("ada@example.org"), &json!(""), &json!(""))
    );
    let told = json!({"display_name": " Ada ", "description": "A clockmaker."});
    let me = ada.put("/api/me", &told).await.expect(200).json();
    assert_eq!((&me["display_name"], &me["description"]), (&json!("Ada"), &json!("A clockmaker.")));
    let me = ada.put("/api/me", &json!({"description": ""})).await.expect(200).json();
    assert_eq!((&me["display_name"], &me["description"]), (&json!("Ada"), &json!("")));
    ada.put("/api/me", &json!({"display_name": "x".repeat(101)})).await.expect(400);
    ada.put("/api/me", &told).await.expect(200);
    let thread = ada.conversation("Bronn").await;
    ada.send(&thread, "Who am I?").await;
    assert!(app.model.requests()[0].body.to_string().contains("A clockmaker."));
}

async fn lists_are_searched_and_name_their_makers_own(on: Database) {
    let app = TestApp::start(on).await;
    let ada = app.register("ada@example.org").await;
    ada.post("/api/personas", &wren()).await.expect(201);
    ada.post("/api/personas", &json!({"name": "Zoe"})).await.expect(201);
    let slugs = async |query: &str| {
        let page = ada.get(&format!("/api/personas?{query}")).await.expect(200).json();
        let slugs: Vec<_> = page["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["slug"].as_str().unwrap().to_owned())
            .collect();
        (page["count"].as_u64().unwrap(), slugs.join(" "))
    };
    assert_eq!(slugs("mine=true").await, (2, "wren zoe".to_owned()));
    assert_eq!(slugs("q=FERRY").await, (1, "wren".to_owned()));
    assert_eq!(slugs("q=sellsword").await, (1, "bronn".to_owned()));
    assert_eq!(slugs("page_size=5&page=2").await, (8, "sun-wukong wren zoe".to_owned()));
    assert_eq!(slugs("page_size=7&page=last").await, (8, "zoe".to_owned()));
    app.visitor().get("/api/personas?mine=true").await.expect(200);
    ada.get("/api/personas?mine=perhaps").await.expect(400);
    let broken = ada.answer(app.visitor().ask(Method::GET, "/api/personas").bearer_auth("broken")).await;
    broken.expect(401);
}
