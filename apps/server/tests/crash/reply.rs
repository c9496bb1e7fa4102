//! One of the many replies: what was to be said, what a client received of it, and what is left.

use raconteur_domain::automatic_title;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Client;
use crate::support::sse::EventStream;

/// A prompt that the model answers with so many words.
#[derive(Clone, Debug)]
pub struct Part {
    pub thread: String,
    /// Its own, over all rounds.
    pub number: u64,
    pub words: u64,
}

/// What a client received.
#[derive(Debug, Default)]
pub struct Received {
    /// The generation, if the reply began.
    pub begun: Option<String>,
    pub text: String,
    pub tokens: usize,
    /// The status, if the reply ended.
    pub end: Option<String>,
}

impl Part {
    fn prompt(&self) -> String {
        format!("Part {} of {} wörds, in dragons 🐉\nand not a word less.", self.number, self.words)
    }

    /// What the model says to these messages: what is still to be said where a reply goes on; none where the prompt is
    /// another.
    pub fn answer(messages: &[Value]) -> Option<Vec<String>> {
        let (prompt, said) = match messages {
            [.., prompt, said] if said["role"] == "assistant" => (prompt, said["content"].as_str()?),
            [.., prompt] => (prompt, ""),
            [] => return None,
        };
        let mut words = Self::asked(prompt["content"].as_str()?)?.words();
        let had = (0..=words.len()).find(|count| words[..*count].concat() == said);
        Some(words.split_off(had.expect("the model said that, word for word")))
    }

    /// The one that is asked for.
    fn asked(prompt: &str) -> Option<Self> {
        let mut numbers = prompt.strip_prefix("Part ")?.split(' ').filter_map(|word| word.parse().ok());
        Some(Self { thread: String::new(), number: numbers.next()?, words: numbers.next()? })
    }

    /// No two are alike, and many bytes are no characters.
    fn words(&self) -> Vec<String> {
        (0..self.words).map(|word| format!("{}·{word}é🐉 ", self.number)).collect()
    }

    /// Sends the prompt and reads until there is no more, for whatever reason.
    pub async fn read(self, person: Client) -> Received {
        let mut received = Received::default();
        let body = json!({ "conversation_id": self.thread, "prompt": self.prompt() });
        let request = person.ask(Method::POST, "/api/chat/stream").json(&body);
        let Ok(response) = request.send().await else { return received };
        assert_eq!(response.status(), 200);
        let mut stream = EventStream::new(response);
        while let Ok(Some(event)) = stream.next_or_broken().await {
            let text = |name: &str| event.data[name].as_str().unwrap().to_owned();
            match event.name.as_str() {
                "start" => received.begun = Some(text("generation_id")),
                "token" => {
                    received.text.push_str(&text("delta"));
                    received.tokens += 1;
                }
                "end" => received.end = Some(text("status")),
                other => panic!("nothing goes wrong with the model: {other}"),
            }
        }
        received
    }

    /// What was received and is there no more, and whatever else is not as it has to be after a crash.
    pub async fn missing(&self, person: &Client, received: &Received) -> Vec<String> {
        let (part, thread) = (self.number, &self.thread);
        let answer = person.get(&format!("/api/conversations/{thread}")).await;
        if answer.status != 200 {
            return vec![format!("part {part}: the conversation is gone")];
        }
        let title = answer.json()["title"].clone();
        let messages = person.messages(thread).await;
        match messages.as_slice() {
            [] if received.begun.is_some() => {
                vec![format!("part {part}: the reply is gone, and what it answered")]
            }
            // The prompt had not been accepted.
            [] => self.check("title", &title, &json!("")),
            [prompt, reply] => {
                let mut wrong = self.check("title", &title, &automatic_title("Bronn", &self.prompt()).into());
                wrong.extend(self.check("prompt", &prompt["content"], &json!(self.prompt())));
                wrong.extend(self.check("prompt's status", &prompt["status"], &json!("complete")));
                wrong.extend(self.wrong_with(reply, received));
                if let Some(generation) = &received.begun {
                    let path = format!("/api/generations/{generation}");
                    let generation = person.get(&path).await.expect(200).json();
                    wrong.extend(self.check("generation's status", &generation["status"], &reply["status"]));
                    wrong.extend(self.check("generation's message", &generation["message_id"], &reply["id"]));
                }
                wrong
            }
            others => vec![format!("part {part}: {others:?}")],
        }
    }

    /// Lets the reply go on where it was interrupted, and tells what is not as it has to be then; `None` where it was not
    /// interrupted.
    pub async fn go_on(&self, person: &Client) -> Option<Vec<String>> {
        let interrupted = |message: &Value| message["status"] == "interrupted";
        let reply = person.messages(&self.thread).await.into_iter().find(interrupted)?;
        let path = format!("/api/messages/{}", reply["id"].as_str().unwrap());
        person.read_stream(&format!("{path}/continue"), &json!({})).await;
        let whole = person.messages(&self.thread).await.pop().unwrap();
        let mut wrong = self.check("status in the end", &whole["status"], &json!("complete"));
        wrong.extend(self.check("text in the end", &whole["content"], &self.words().concat().into()));
        Some(wrong)
    }

    /// The reply has one end, and begins with what was received.
    fn wrong_with(&self, reply: &Value, received: &Received) -> Vec<String> {
        let (content, status) = (reply["content"].as_str().unwrap(), reply["status"].as_str().unwrap());
        let (part, whole) = (self.number, self.words().concat());
        let mut wrong = Vec::new();
        if !content.starts_with(&received.text) {
            let (kept, had) = (content.len(), received.text.len());
            wrong.push(format!("part {part}: {had} bytes were received, and {kept} are left"));
        }
        if !whole.starts_with(content) {
            wrong.push(format!("part {part}: the model never said {content:?}"));
        }
        let fits = match (&received.end, status) {
            (Some(end), status) => end == status && content == received.text,
            (None, "complete") => content == whole,
            (None, status) => status == "interrupted",
        };
        if !fits {
            wrong.push(format!("part {part}: {status} after {:?}", received.end));
        }
        wrong
    }

    fn check(&self, what: &str, is: &Value, should: &Value) -> Vec<String> {
        if is == should { Vec::new() } else { vec![format!("part {}: its {what} is {is}", self.number)] }
    }
}
