//! The personas that a program has, found by name.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use crate::persona::Persona;

/// A set of personas.
///
/// A name finds its persona by slug, name, full name or alias, in any case and with blanks around it; so does the first word
/// of a name where it is the first word of one persona's name only. Where personas share a name, a slug goes before a
/// name, a name before a full name and that before an alias; between two of a kind, the persona that came first has it.
#[derive(Debug, Default)]
pub struct Personas {
    list: Vec<Arc<Persona>>,
    by_name: HashMap<String, usize>,
    by_first_word: HashMap<String, usize>,
    clashes: Vec<Clash>,
}

/// Two personas have the same name, and one of them is not found by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The name, in lower case.
    pub name: String,
    /// The slug of the persona that has it.
    pub kept: String,
    /// The slug of the other one.
    pub left_out: String,
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, kept, left_out } = self;
        write!(
            f,
            "`{name}` names the persona `{kept}`; `{left_out}` has that name too and is not found by it"
        )
    }
}

impl Personas {
    /// The set of these personas. Of two with the same slug the first stays and the other is left out, as a
    /// [clash](Self::clashes).
    #[must_use]
    pub fn new<P: Into<Arc<Persona>>>(personas: Vec<P>) -> Self {
        let mut set = Self::default();
        for persona in personas {
            let persona = persona.into();
            let slug = key(persona.slug());
            match set.by_name.get(&slug) {
                Some(kept) => set.clash(slug, *kept, persona.slug().to_owned()),
                None => {
                    set.by_name.insert(slug, set.list.len());
                    set.list.push(persona);
                }
            }
        }
        set.index(|persona| vec![persona.name()]);
        set.index(|persona| persona.full_name().into_iter().collect());
        set.index(|persona| persona.aliases().iter().map(String::as_str).collect());
        set.by_first_word = first_words(&set.list);
        set
    }

    /// The personas, in the order they were given.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Persona>> {
        self.list.iter()
    }

    /// Names that more than one persona has.
    #[must_use]
    pub fn clashes(&self) -> &[Clash] {
        &self.clashes
    }

    /// The persona of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Arc<Persona>> {
        let name = key(name);
        let index = self.by_name.get(&name).or_else(|| self.by_first_word.get(&name))?;
        self.list.get(*index).cloned()
    }

    /// The persona of that name, or a [stranger](Persona::stranger) of that very name; never somebody else.
    #[must_use]
    pub fn find_or_stranger(&self, name: &str) -> Arc<Persona> {
        self.find(name).unwrap_or_else(|| Arc::new(Persona::stranger(name)))
    }

    /// Gives every persona its names of one kind, where no other persona has them yet.
    fn index(&mut self, names: impl Fn(&Persona) -> Vec<&str>) {
        for (index, persona) in self.list.clone().iter().enumerate() {
            for name in names(persona).into_iter().map(key).filter(|name| !name.is_empty()) {
                let kept = *self.by_name.entry(name.clone()).or_insert(index);
                if kept != index {
                    self.clash(name, kept, persona.slug().to_owned());
                }
            }
        }
    }

    fn clash(&mut self, name: String, kept: usize, left_out: String) {
        let kept = self.list.get(kept).map(|persona| persona.slug().to_owned()).unwrap_or_default();
        self.clashes.push(Clash { name, kept, left_out });
    }
}

/// The first words of names, where one persona alone has them.
fn first_words(list: &[Arc<Persona>]) -> HashMap<String, usize> {
    let mut words = HashMap::new();
    let mut shared = HashSet::new();
    for (index, persona) in list.iter().enumerate() {
        if let Some(word) = persona.name().split_whitespace().next().map(key)
            && words.insert(word.clone(), index).is_some()
        {
            shared.insert(word);
        }
    }
    words.retain(|word, _| !shared.contains(word));
    words
}

/// A name as names are compared.
fn key(name: &str) -> String {
    name.trim().to_lowercase()
}
