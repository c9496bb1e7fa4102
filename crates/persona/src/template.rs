//! `{{ dotted.name }}` templates.

/// The text with each `{{ name }}` replaced by what `value` gives for it, or by nothing.
///
/// A name is letters, digits, `_`, `-` and dots, with blanks around it if wanted. Braces around anything else stay as
/// they are, and what was put in is not looked at again.
pub(crate) fn render(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len());
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Name(name) => out.push_str(&value(name).unwrap_or_default()),
        }
    }
    out
}

/// The names that the template has places for.
pub(crate) fn names(template: &str) -> impl Iterator<Item = &str> {
    pieces(template).filter_map(|piece| match piece {
        Piece::Text(_) => None,
        Piece::Name(name) => Some(name),
    })
}

/// Whether the template has a place for `name` or a part of it.
pub(crate) fn mentions(template: &str, name: &str) -> bool {
    names(template).any(|found| found.split('.').next() == Some(name))
}

enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, after)) = placeholder(rest) {
            rest = after;
            return Some(Piece::Name(name));
        }
        // The first character is not the start of a place; the next place may be right behind it.
        let end = rest.char_indices().skip(1).find(|(at, _)| rest[*at..].starts_with("{{"));
        let (text, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = after;
        Some(Piece::Text(text))
    })
}

/// The name of the place that the text begins with, and what follows it.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix("{{")?.trim_start();
    let end = inside.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))?;
    let (name, after) = inside.split_at_checked(end)?;
    let after = after.trim_start().strip_prefix("}}")?;
    (!name.is_empty()).then_some((name, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rendered(template: &str) -> String {
        render(template, |name| match name {
            "name" => Some("Bronn".to_owned()),
            "system.tone" => Some("dry {{ name }}".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn fills_places_and_leaves_the_rest() {
        for (template, expected) in [
            ("I am {{name}}.", "I am Bronn."),
            ("{{ name }}{{\tname\n}}", "BronnBronn"),
            ("{{ system.tone }}", "dry {{ name }}"),
            ("[{{ nobody }}]", "[]"),
            ("{{{name}}}", "{Bronn}"),
            ("{{ {{name}}", "{{ Bronn"),
            ("{{ two words }} {{}} {{ name", "{{ two words }} {{}} {{ name"),
            ("{ {name} }}", "{ {name} }}"),
            ("{{名}} é", " é"),
        ] {
            assert_eq!(rendered(template), expected, "{template:?}");
        }
    }

    #[test]
    fn knows_which_names_it_mentions() {
        assert!(mentions("a {{ tone }}", "tone"));
        assert!(mentions("{{tone.first}}", "tone"));
        assert!(!mentions("tone {{ tones }} {{ my.tone }} {{ tone", "tone"));
    }

    proptest! {
        #[test]
        fn never_panics(template in r"(\{\{|\}\}|\{|\}| |name|[\.é名-]|\PC){0,40}") {
            rendered(&template);
        }

        #[test]
        fn text_without_places_is_unchanged(template in r"([^{]|\{[^{])*") {
            prop_assert_eq!(rendered(&template), template);
        }

        #[test]
        fn what_is_put_in_is_not_expanded(before in "[^{]*", value in r"(\{\{ ?name ?\}\}|[a-z{} ])*", after in "[^{]*") {
            let template = format!("{before}{{{{ x }}}}{after}");
            let out = render(&template, |name| (name == "x").then(|| value.clone()));
            prop_assert_eq!(out, format!("{before}{value}{after}"));
        }
    }
}
