//! Where settings come from: defaults, then `raconteur.toml`, then `.env`, then the environment, the later ones
//! winning.

use std::collections::BTreeMap;
use std::path::Path;

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value};

use super::table::{SETTINGS, Setting};
use super::{Problem, SettingsError};

/// The file with settings that is looked for in the working directory.
const FILE: &str = "raconteur.toml";
const DOTENV: &str = ".env";
const ENVIRONMENT: &str = "environment";
const DEFAULT: &str = "default";

/// A setting's value as it was written, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text; empty where the setting is not set.
    pub value: String,
    /// `default`, `raconteur.toml`, `.env` or `environment`.
    pub origin: String,
}

impl Written {
    /// Whether nobody wrote anything.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.origin == DEFAULT
    }
}

/// All settings as they were written.
#[derive(Clone, Debug)]
pub struct Sources {
    values: BTreeMap<&'static str, Written>,
}

/// One layer, already read: names in lower case, as the file has them.
#[derive(Clone, Debug)]
struct Layer(Map<String, Value>);

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

impl Layer {
    /// The settings among these pairs. An empty value is none, as `NAME=` in an example file means it.
    fn of_pairs(pairs: impl Iterator<Item = (String, String)>, origin: &str) -> Self {
        let known = pairs.filter_map(|(name, value)| {
            let setting = find(&name)?;
            (!value.trim().is_empty()).then_some((setting, name, value))
        });
        let mut layer = Map::new();
        for (setting, name, value) in known {
            let value = Value::new(Some(&origin.to_owned()), value);
            // The proper name wins over the other one, whichever comes first.
            if name == setting.name {
                layer.insert(setting.name.to_lowercase(), value);
            } else {
                layer.entry(setting.name.to_lowercase()).or_insert(value);
            }
        }
        Self(layer)
    }
}

fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name || setting.also == Some(name))
}

impl Sources {
    /// Reads all sources. `folder` is where the files are looked for.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, and every name in `raconteur.toml` that is no setting.
    pub fn read(
        folder: &Path,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let defaults = SETTINGS.iter().map(|setting| (setting.name.to_owned(), setting.default.to_owned()));
        let merged = Config::builder()
            .add_source(Layer::of_pairs(defaults, DEFAULT))
            .add_source(toml(&folder.join(FILE))?)
            .add_source(dotenv(&folder.join(DOTENV))?)
            .add_source(Layer::of_pairs(environment, ENVIRONMENT))
            .build()
            .and_then(|config| config.cache.into_table())
            .map_err(|error| SettingsError::one(FILE, error.to_string()))?;
        Ok(Self {
            values: SETTINGS.iter().map(|setting| (setting.name, written(&merged, setting))).collect(),
        })
    }

    /// What was written for a setting.
    #[must_use]
    pub fn get(&self, name: &str) -> Written {
        self.values
            .get(name)
            .cloned()
            .unwrap_or_else(|| Written { value: String::new(), origin: DEFAULT.to_owned() })
    }
}

fn written(merged: &Map<String, Value>, setting: &Setting) -> Written {
    let Some(value) = merged.get(&setting.name.to_lowercase()) else {
        return Written { value: String::new(), origin: DEFAULT.to_owned() };
    };
    let origin = value.origin().unwrap_or(DEFAULT).to_owned();
    Written { value: value.clone().into_string().unwrap_or_default(), origin }
}

fn toml(path: &Path) -> Result<Layer, SettingsError> {
    if !path.exists() {
        return Ok(Layer(Map::new()));
    }
    let read = File::from(path).format(FileFormat::Toml).collect();
    let table = read.map_err(|error| SettingsError::one(FILE, error.to_string()))?;
    let mut problems = Vec::new();
    let mut pairs = Vec::new();
    // In the order of their names, so that what is wrong is told the same way every time.
    for (name, value) in BTreeMap::from_iter(table) {
        let upper = name.to_uppercase();
        match (find(&upper), value.into_string()) {
            (Some(_), Ok(value)) => pairs.push((upper, value)),
            (Some(setting), Err(_)) => problems.push(Problem::new(FILE, &name, setting.expected)),
            (None, _) => problems.push(Problem::unknown(FILE, &name)),
        }
    }
    if problems.is_empty() {
        Ok(Layer::of_pairs(pairs.into_iter(), FILE))
    } else {
        Err(SettingsError(problems))
    }
}

fn dotenv(path: &Path) -> Result<Layer, SettingsError> {
    if !path.exists() {
        return Ok(Layer(Map::new()));
    }
    let pairs: Vec<(String, String)> = dotenvy::from_path_iter(path)
        .map_err(broken_dotenv)?
        .collect::<Result<_, _>>()
        .map_err(broken_dotenv)?;
    Ok(Layer::of_pairs(pairs.into_iter(), DOTENV))
}

/// What is wrong with `.env`. The line itself may hold a secret, so no more than its name is shown.
fn broken_dotenv(error: dotenvy::Error) -> SettingsError {
    let what = match error {
        dotenvy::Error::LineParse(line, _) => {
            let name = line.split('=').next().unwrap_or_default().trim().to_owned();
            format!(
                "{name}: expected NAME=value; a value with blanks or quotes has to stand in single quotes"
            )
        }
        error => error.to_string(),
    };
    SettingsError::one(DOTENV, what)
}
