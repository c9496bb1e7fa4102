//! Characters whose files change while the server runs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::support::{Client, Database, TestApp, on_every_database};

on_every_database! {
    a_saved_file_is_read_and_used_by_the_next_reply
    a_broken_file_leaves_the_old_character_in_place
    a_folder_that_comes_or_goes_is_a_character_that_does
}

fn write(folder: &Path, slug: &str, file: &str, text: &str) {
    fs::create_dir_all(folder.join(slug)).unwrap();
    fs::write(folder.join(slug).join(file), text).unwrap();
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for slug in ["nemo", "other"] {
        write(folder.path(), slug, "persona.yml", "name: Nemo\ndescription: The first.\n");
        write(folder.path(), slug, "style.yml", "system: {ic_template: 'You are the first.'}\n");
    }
    folder
}

async fn app(on: Database, folder: &TempDir) -> TestApp {
    TestApp::with(on, &[("PERSONAS_DIR", folder.path().to_str().unwrap())]).await
}

/// Looks at a character until it is so.
async fn until(visitor: &Client, slug: &str, is_so: impl Fn(u16, &Value) -> bool) {
    let look = async {
        loop {
            let answer = visitor.get(&format!("/api/personas/{slug}")).await;
            if is_so(answer.status.as_u16(), &answer.json()) {
                return;
            }
            // So that the server has the processor, too.
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), look).await.expect("the change is seen");
}

async fn a_saved_file_is_read_and_used_by_the_next_reply(on: Database) {
    let folder = folder();
    let app = app(on, &folder).await;
    let ada = app.register("ada@example.org").await;
    let thread = ada.conversation("nemo").await;
    ada.send(&thread, "Who are you?").await;
    let before = ada.get("/api/personas/nemo").await.expect(200).json()["version"].clone();
    write(folder.path(), "nemo", "style.yml", "system: {ic_template: 'You are the second.'}\n");
    until(&app.visitor(), "nemo", |_, nemo| nemo["version"] != before).await;
    ada.send(&thread, "And now?").await;
    let said = |request: usize| app.model.requests()[request].body["messages"][0]["content"].to_string();
    assert!(said(0).contains("You are the first.") && said(1).contains("You are the second."));
}

async fn a_broken_file_leaves_the_old_character_in_place(on: Database) {
    let folder = folder();
    let app = app(on, &folder).await;
    let visitor = app.visitor();
    let before = visitor.get("/api/personas/nemo").await.expect(200).json();
    write(folder.path(), "nemo", "persona.yml", "name: [broken\n");
    // What is whole beside it is used, which tells that it was looked at.
    write(folder.path(), "other", "persona.yml", "name: Other\ndescription: The second.\n");
    until(&visitor, "other", |_, other| other["description"] == "The second.").await;
    assert_eq!(visitor.get("/api/personas/nemo").await.expect(200).json(), before);
    write(folder.path(), "nemo", "persona.yml", "name: Nemo\ndescription: The third.\n");
    until(&visitor, "nemo", |_, nemo| nemo["description"] == "The third.").await;
}

async fn a_folder_that_comes_or_goes_is_a_character_that_does(on: Database) {
    let folder = folder();
    let app = app(on, &folder).await;
    let visitor = app.visitor();
    write(folder.path(), "wren", "persona.yml", "name: Wren\navatar: wren.svg\n");
    write(folder.path(), "wren", "wren.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    until(&visitor, "wren", |status, _| status == 200).await;
    let first = visitor.get("/api/personas/wren").await.expect(200).json()["avatar"].clone();
    write(folder.path(), "wren", "wren.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><g/></svg>");
    until(&visitor, "wren", |_, wren| wren["avatar"] != first).await;
    fs::remove_dir_all(folder.path().join("wren")).unwrap();
    until(&visitor, "wren", |status, _| status == 404).await;
    assert_eq!(visitor.get("/api/personas").await.expect(200).json()["count"], json!(2));
}
