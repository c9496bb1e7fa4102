//! `tests.yml`: questions, and what a persona must remember at them.

use std::fmt;

use serde_json::Value;

use crate::explanation::Explanation;
use crate::fields::Fields;
use crate::persona::Persona;
use crate::prompt::{PromptRequest, Speaker, Turn};
use crate::tokens::estimate_tokens;
use crate::warning::{Warning, Warnings};
use crate::yaml;

/// A question, and what is expected of the entries that the prompt for it uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// What is said to the persona.
    pub prompt: String,
    /// What was said before: the person and the persona in turn, beginning with the person.
    pub history: Vec<String>,
    /// Entries that are used, in this order, the first of them on top.
    pub must: Vec<String>,
    /// Whether nothing is used but what `may` lists: `must: []`.
    pub nothing: bool,
    /// Entries that may be used as well.
    pub may: Vec<String>,
    /// Entries that are not used.
    pub must_not: Vec<String>,
    /// How many tokens the knowledge in the prompt takes at most.
    pub budget: Option<usize>,
    /// The line on which it begins, from 1, where that is known.
    pub line: Option<usize>,
}

/// What a case found.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseResult {
    /// The case.
    pub case: Case,
    /// Which expectations were not met; none where it passed.
    pub failed: Vec<Expectation>,
    /// Why the prompt was as it was, where there was one.
    pub explanation: Option<Explanation>,
}

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// This entry must be used and is not.
    Missing(String),
    /// This entry must be on top, and another one is, or none.
    NotOnTop(String),
    /// These must be used in this order and are in another.
    Order(Vec<String>),
    /// This entry must not be used and is.
    Unwanted(String),
    /// The knowledge takes more tokens than it may.
    OverBudget {
        /// How many it takes.
        tokens: usize,
        /// How many it may.
        budget: usize,
    },
    /// The prompt does not fit the usual context.
    TooLong,
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(id) => write!(f, "`{id}` must be used"),
            Self::NotOnTop(id) => write!(f, "`{id}` must be on top"),
            Self::Order(ids) => write!(f, "must be used in the order {}", ids.join(", ")),
            Self::Unwanted(id) => write!(f, "`{id}` must not be used"),
            Self::OverBudget { tokens, budget } => {
                write!(f, "the knowledge takes {tokens} tokens, more than {budget}")
            }
            Self::TooLong => write!(f, "the prompt is longer than the context"),
        }
    }
}

/// What all cases found.
#[derive(Clone, Debug, PartialEq)]
pub struct TestReport {
    /// Each case, in the order of the file.
    pub results: Vec<CaseResult>,
    /// What in the file could not be understood. The rest of it was tried.
    pub warnings: Vec<Warning>,
}

impl TestReport {
    /// Whether there are cases, everything was understood, and every expectation was met.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.results.is_empty()
            && self.warnings.is_empty()
            && self.results.iter().all(|result| result.failed.is_empty())
    }

    /// How many of the entries that must be used are, and how many there are.
    #[must_use]
    pub fn recall(&self) -> (usize, usize) {
        let wanted = self.results.iter().flat_map(|result| {
            let used = result.explanation.as_ref().map_or(&[] as &[String], |explanation| &explanation.used);
            result.case.must.iter().map(|id| used.contains(id))
        });
        wanted.fold((0, 0), |(used, all), is_used| (used + usize::from(is_used), all + 1))
    }
}

/// The file holds no cases at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestsError(pub Vec<Warning>);

impl Persona {
    /// Asks the persona every question of a `tests.yml` and compares what it remembers with what it must.
    ///
    /// ```
    /// use raconteur_persona::{Files, Persona};
    ///
    /// let kb = br#"{"id": "bell", "summary": "The drowned bell rings before a storm.", "tags": ["bell"]}"#;
    /// let wren = Persona::from_files("wren", Files { kb_jsonl: Some(kb), ..Files::default() }).persona;
    /// let report = wren.test(b"- {prompt: Why does the bell ring?, must: [bell]}\n- {prompt: Any ghosts?, must: []}").unwrap();
    /// assert!(report.passed());
    /// assert_eq!(report.recall(), (1, 1));
    /// ```
    ///
    /// # Errors
    ///
    /// [`TestsError`] where the file is no list of cases.
    pub fn test(&self, tests_yml: &[u8]) -> Result<TestReport, TestsError> {
        let mut warnings = Warnings::new("tests.yml");
        let Some(values) = yaml::parse_list(tests_yml, &mut warnings) else {
            return Err(TestsError(warnings.into_vec()));
        };
        let lines = lines_of_cases(tests_yml);
        let mut results = Vec::new();
        for (number, value) in values.iter().enumerate() {
            let line = (lines.len() == values.len()).then(|| lines.get(number).copied()).flatten();
            if let Some(case) = read_case(value, line, number + 1, &mut warnings) {
                self.warn_of_unknown(&case, &mut warnings);
                results.push(self.try_case(case));
            }
        }
        Ok(TestReport { results, warnings: warnings.into_vec() })
    }

    fn warn_of_unknown(&self, case: &Case, warnings: &mut Warnings<'_>) {
        for id in case.must.iter().chain(&case.may).chain(&case.must_not) {
            if self.knowledge().entry(id).is_none() {
                warnings.push(case.line, None, format!("{:?}: there is no entry `{id}`", case.prompt));
            }
        }
    }

    fn try_case(&self, case: Case) -> CaseResult {
        let speakers = [Speaker::User, Speaker::Assistant].into_iter().cycle();
        let history: Vec<Turn> = case
            .history
            .iter()
            .zip(speakers)
            .map(|(text, speaker)| Turn { speaker, text: text.clone() })
            .collect();
        let request = PromptRequest { query: &case.prompt, history: &history, ..PromptRequest::default() };
        let explanation = self.prompt(&request).ok().map(|prompt| prompt.explanation);
        let failed = explanation.as_ref().map_or(vec![Expectation::TooLong], |why| failed(&case, why));
        CaseResult { case, failed, explanation }
    }
}

fn failed(case: &Case, explanation: &Explanation) -> Vec<Expectation> {
    let used = &explanation.used;
    let mut failed = Vec::new();
    failed.extend(case.must.iter().filter(|id| !used.contains(id)).cloned().map(Expectation::Missing));
    if let Some(top) = case.must.first().filter(|top| used.contains(top) && used.first() != Some(top)) {
        failed.push(Expectation::NotOnTop(top.clone()));
    }
    let places: Vec<usize> =
        case.must.iter().filter_map(|id| used.iter().position(|other| other == id)).collect();
    if failed.is_empty() && !places.is_sorted() {
        failed.push(Expectation::Order(case.must.clone()));
    }
    let unwanted =
        used.iter().filter(|id| case.must_not.contains(id) || case.nothing && !case.may.contains(id));
    failed.extend(unwanted.cloned().map(Expectation::Unwanted));
    let tokens = explanation.tokens.knowledge;
    if let Some(budget) = case.budget.filter(|budget| !used.is_empty() && tokens > *budget) {
        failed.push(Expectation::OverBudget { tokens, budget });
    }
    failed
}

fn read_case(value: &Value, line: Option<usize>, number: usize, warnings: &mut Warnings<'_>) -> Option<Case> {
    let Some(map) = value.as_object() else {
        warnings.push(line, None, format!("case {number}: expected a mapping with `prompt`; skipped"));
        return None;
    };
    let mut fields = Fields::new(map);
    let case = Case {
        prompt: fields.text("prompt").unwrap_or_default(),
        history: fields.texts("history"),
        must: fields.texts("must"),
        nothing: map.get("must").and_then(Value::as_array).is_some_and(Vec::is_empty),
        may: fields.texts("may"),
        must_not: fields.texts("must_not"),
        budget: fields.count("budget"),
        line,
    };
    for problem in fields.into_problems() {
        warnings.push(line, None, format!("case {number}: {}", problem.message()));
    }
    const KNOWN: [&str; 6] = ["prompt", "history", "must", "may", "must_not", "budget"];
    for field in map.keys().filter(|field| !KNOWN.contains(&field.as_str())) {
        warnings.push(line, None, format!("case {number}: `{field}` is no field of a case; it is left out"));
    }
    if estimate_tokens(&case.prompt) == 0 {
        warnings.push(line, None, format!("case {number}: expected `prompt` with text in it; skipped"));
        return None;
    }
    Some(case)
}

/// The lines on which the items of a list begin that is not indented, as such files are written.
fn lines_of_cases(bytes: &[u8]) -> Vec<usize> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().zip(1..).filter(|(line, _)| line.starts_with("- ")).map(|(_, number)| number).collect()
}
