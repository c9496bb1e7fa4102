//! How a persona wants its replies to be generated.

use crate::fields::Fields;
use crate::limits::MAX_COUNT;

/// The highest temperature: what model servers take.
const HOTTEST: f64 = 2.0;

/// How a persona wants its replies to be generated. Each is a wish: whoever calls the model decides, and what is missing is
/// theirs to choose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sampling {
    /// The model, by the name that its server gives it.
    pub model: Option<String>,
    /// How freely it chooses its words, from 0 (always the likeliest) to 2.
    pub temperature: Option<f32>,
    /// The longest reply, in tokens; at least 1.
    pub max_tokens: Option<u32>,
}

impl Sampling {
    /// Reads the fields of these names below `prefix`, which is empty or ends with a dot.
    pub(crate) fn read(fields: &mut Fields<'_>, prefix: &str) -> Self {
        let name = |field: &str| format!("{prefix}{field}");
        Self {
            model: fields.text(&name("model")),
            temperature: temperature(fields, &name("temperature")),
            max_tokens: max_tokens(fields, &name("max_tokens")),
        }
    }

    /// What this one says, and where it says nothing, the other.
    pub(crate) fn or(self, other: &Self) -> Self {
        Self {
            model: self.model.or_else(|| other.model.clone()),
            temperature: self.temperature.or(other.temperature),
            max_tokens: self.max_tokens.or(other.max_tokens),
        }
    }
}

/// In 32 bits: the digits that are lost mean nothing to a model.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn temperature(fields: &mut Fields<'_>, name: &str) -> Option<f32> {
    fields.number_within(name, 0.0..=HOTTEST, "a number from 0 to 2").map(|number| number as f32)
}

fn max_tokens(fields: &mut Fields<'_>, name: &str) -> Option<u32> {
    let count = fields.count_within(name, 1..=MAX_COUNT, "a whole number from 1 to 1000000")?;
    u32::try_from(count).ok()
}
