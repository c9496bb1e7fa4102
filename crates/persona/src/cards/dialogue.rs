//! `mes_example`: how the character talks, shown in short dialogues.

use crate::{Speaker, Turn};

/// The dialogues in a text, split at each `<START>`. A line begins a turn with `{{user}}:` or `{{char}}:`, their older
/// forms `<USER>:` and `<BOT>:`, or one of the character's own names; other lines continue the turn. What comes before
/// any speaker is the character's, for it is the character that is shown.
pub(super) fn parse(text: &str, names: &[&str]) -> Vec<Vec<Turn>> {
    let mut blocks = vec![Vec::new()];
    for line in text.lines() {
        let mut parts = split_at_start(line).into_iter();
        if let Some(first) = parts.next() {
            add_line(&mut blocks, first, names);
        }
        for part in parts {
            blocks.push(Vec::new());
            if !part.trim().is_empty() {
                add_line(&mut blocks, part, names);
            }
        }
    }
    blocks.into_iter().map(tidy).filter(|turns| !turns.is_empty()).collect()
}

/// The pieces of a line around `<START>`, in any case.
fn split_at_start(line: &str) -> Vec<&str> {
    const MARK: &str = "<start>";
    // ASCII alone changes, so that places in the one are places in the other.
    let folded = line.to_ascii_lowercase();
    let mut from = 0;
    let mut parts = Vec::new();
    for (at, _) in folded.match_indices(MARK) {
        parts.extend(line.get(from..at));
        from = at + MARK.len();
    }
    parts.extend(line.get(from..));
    parts
}

fn add_line(blocks: &mut [Vec<Turn>], line: &str, names: &[&str]) {
    let Some(turns) = blocks.last_mut() else { return };
    if let Some((speaker, text)) = spoken(line, names) {
        turns.push(Turn { speaker, text: text.to_owned() });
    } else if let Some(turn) = turns.last_mut() {
        turn.text.push('\n');
        turn.text.push_str(line);
    } else {
        turns.push(Turn { speaker: Speaker::Assistant, text: line.to_owned() });
    }
}

/// Who begins to speak in a line, and the rest of it.
fn spoken<'a>(line: &'a str, names: &[&str]) -> Option<(Speaker, &'a str)> {
    let (who, text) = line.split_once(':')?;
    let who = who.trim();
    let speaker = match who.to_ascii_lowercase().replace(' ', "").as_str() {
        "{{user}}" | "<user>" => Speaker::User,
        "{{char}}" | "<char>" | "<bot>" => Speaker::Assistant,
        _ if names.iter().any(|name| !name.trim().is_empty() && name.trim() == who) => Speaker::Assistant,
        _ => return None,
    };
    Some((speaker, text))
}

/// Turns without outer blanks, and none that says nothing.
fn tidy(turns: Vec<Turn>) -> Vec<Turn> {
    let trimmed = turns.into_iter().map(|turn| Turn { text: turn.text.trim().to_owned(), ..turn });
    trimmed.filter(|turn| !turn.text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<Vec<(Speaker, String)>> {
        let blocks = parse(text, &["Wren", ""]);
        blocks
            .into_iter()
            .map(|turns| turns.into_iter().map(|turn| (turn.speaker, turn.text)).collect())
            .collect()
    }

    #[test]
    fn dialogues_are_split_at_start_and_turns_at_speakers() {
        use Speaker::{Assistant, User};
        let said = |speaker, text: &str| (speaker, text.to_owned());
        for (text, expected) in [
            ("", vec![]),
            ("<START>\n \n<start>", vec![]),
            ("{{user}}: Hi\n{{char}}: Hello.", vec![vec![said(User, "Hi"), said(Assistant, "Hello.")]]),
            (
                "<START>{{User}}: a <START> {{CHAR}}: b",
                vec![vec![said(User, "a")], vec![said(Assistant, "b")]],
            ),
            ("<USER>: a\n<BOT>: b\r\nc\n\nd", vec![vec![said(User, "a"), said(Assistant, "b\nc\n\nd")]]),
            (
                "Wren: by name\n{{ user }} : spaced",
                vec![vec![said(Assistant, "by name"), said(User, "spaced")]],
            ),
            ("She waits.\nNote: this", vec![vec![said(Assistant, "She waits.\nNote: this")]]),
            ("{{char}}:\n{{user}}: only this", vec![vec![said(User, "only this")]]),
            (
                "<STARTLED> İ<START>: x",
                vec![vec![said(Assistant, "<STARTLED> İ")], vec![said(Assistant, ": x")]],
            ),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }
}
