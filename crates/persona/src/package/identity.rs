//! What a `persona.yml` says, said in a card.

use serde_json::Value;

use crate::cards::Card;
use crate::extension::{self, ALIASES, STYLE_TELLS, TROUBLE};
use crate::identity::{Example, Identity};
use crate::sampling::Sampling;

/// The card of a persona that has none: all that is known of it.
pub(super) fn card_of(identity: Identity) -> Card {
    let mut card = Card::new("");
    // Made of the slug or not, it is called so.
    let identity = Identity { named: true, ..identity };
    say(&mut card, &identity);
    // So the prompt stays what it was: a card's own description would get a paragraph of its own.
    if identity.description.is_some() {
        extension::change(&mut card, |own| {
            own.insert(STYLE_TELLS.to_owned(), true.into());
        });
    }
    card
}

/// Puts what an identity says into a card; where it says nothing, the card stays as it is.
pub(super) fn say(card: &mut Card, said: &Identity) {
    say_names(card, said);
    if let Some(description) = &said.description {
        card.set_description(description);
    }
    if let Some(greeting) = &said.greeting {
        card.set_first_mes(greeting);
    }
    if let Some(notice) = &said.notice {
        card.set_creator_notes(notice);
    }
    if !said.examples.is_empty() {
        card.set_mes_example(said.examples.iter().map(dialogue).collect::<Vec<_>>().join("\n"));
    }
    if !said.tags.is_empty() {
        card.set_tags(said.tags.iter().map(String::as_str));
    }
    extension::change(card, |own| {
        for (field, texts) in [(ALIASES, &said.aliases), (TROUBLE, &said.trouble)] {
            if !texts.is_empty() {
                own.insert(field.to_owned(), texts.clone().into());
            }
        }
        let Sampling { model, temperature, max_tokens } = &said.sampling;
        // By its digits: 0.7 stays 0.7, and does not become the 64 bits that are nearest to its 32.
        let temperature = temperature.and_then(|number| number.to_string().parse::<f64>().ok());
        let wishes = [
            ("model", model.clone().map(Value::from)),
            ("temperature", temperature.map(Value::from)),
            ("max_tokens", max_tokens.map(Value::from)),
        ];
        own.extend(wishes.into_iter().filter_map(|(field, value)| Some((field.to_owned(), value?))));
    });
}

/// A card has the name in full, and a nickname where the persona goes by another.
fn say_names(card: &mut Card, said: &Identity) {
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let name = text(&said.name).filter(|_| said.named);
    if name.is_none() && said.full_name.is_none() {
        return;
    }
    let (card_name, nickname) = (text(card.name()), text(card.nickname()));
    // Without a nickname the name is the name in full, and a new one takes its place.
    let known_full = card_name.clone().filter(|full| nickname.as_ref().is_some_and(|name| name != full));
    let name = name.or(nickname).or(card_name).or(text(&said.name)).unwrap_or_default();
    match said.full_name.clone().or(known_full).filter(|full| *full != name) {
        Some(full) => {
            card.set_name(full).set_nickname(name);
        }
        None => {
            card.set_name(name);
            if !card.nickname().is_empty() {
                card.set_nickname("");
            }
        }
    }
}

fn dialogue(example: &Example) -> String {
    format!("<START>\n{{{{user}}}}: {}\n{{{{char}}}}: {}", example.user, example.reply)
}
