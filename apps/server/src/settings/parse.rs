//! Values out of text. Every problem is noted, so that a person mends all of them at once.

use std::net::{IpAddr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;

use super::table::SETTINGS;
use super::{Problem, SettingsError, Sources};

/// Reads settings one by one and notes what is wrong with them, answering `None`.
pub(super) struct Reader<'a> {
    sources: &'a Sources,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(sources: &'a Sources) -> Self {
        Self { sources, problems: Vec::new() }
    }

    /// The settings, or everything that is wrong with them.
    pub(super) fn finish<T>(self, settings: impl FnOnce() -> Option<T>) -> Result<T, SettingsError> {
        if self.problems.is_empty() {
            settings().ok_or(SettingsError(Vec::new()))
        } else {
            Err(SettingsError(self.problems))
        }
    }

    /// A setting that may be missing.
    pub(super) fn optional(&self, name: &str) -> Option<String> {
        let value = self.sources.get(name).value;
        (!value.is_empty()).then(|| value.trim().to_owned())
    }

    pub(super) fn secret(&self, name: &str) -> Option<SecretString> {
        self.optional(name).map(SecretString::from)
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.optional(name).map(PathBuf::from)
    }

    pub(super) fn parse<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.read(name, |text| text.parse().ok())
    }

    pub(super) fn number<T: FromStr + PartialOrd>(
        &mut self,
        name: &str,
        range: RangeInclusive<T>,
    ) -> Option<T> {
        self.read(name, |text| text.parse().ok().filter(|number| range.contains(number)))
    }

    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        self.read(name, |text| match text.to_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        })
    }

    pub(super) fn choice(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        self.read(name, |text| words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied())
    }

    pub(super) fn duration(&mut self, name: &str) -> Option<Duration> {
        self.read(name, duration)
    }

    /// A time that is not shorter than this.
    pub(super) fn lasting(&mut self, name: &str, shortest: Duration) -> Option<Duration> {
        self.read(name, |text| duration(text).filter(|time| *time >= shortest))
    }

    /// An address that may be missing.
    pub(super) fn url(&mut self, name: &str) -> Option<String> {
        self.optional(name)?;
        self.read(name, |text| {
            let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
            (!rest.is_empty() && !rest.starts_with('/') && !rest.contains([' ', '@']))
                .then(|| text.to_owned())
        })
    }

    /// Notes what no single value shows.
    pub(super) fn note(&mut self, name: &str, expected: &str) {
        let origin = self.sources.get(name).origin;
        self.problems.push(Problem::new(&origin, name, expected));
    }

    /// Origins, separated by commas. A slash at the end is forgiven: browsers never send one.
    pub(super) fn origins(&mut self, name: &str) -> Option<Vec<String>> {
        self.read(name, |text| {
            let origins =
                text.split(',').map(|origin| origin.trim().trim_end_matches('/')).filter(|o| !o.is_empty());
            origins.map(|origin| is_origin(origin).then(|| origin.to_lowercase())).collect()
        })
    }

    /// Words of any sort, separated by commas, each once.
    pub(super) fn list(&mut self, name: &str) -> Vec<String> {
        let written = self.optional(name).unwrap_or_default();
        let mut words: Vec<String> = Vec::new();
        for word in written.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            if !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        words
    }

    /// Host names and addresses without ports, separated by commas, as they stand in a `Host`.
    pub(super) fn hosts(&mut self, name: &str) -> Option<Vec<String>> {
        self.read(name, |text| {
            text.split(',').map(str::trim).filter(|host| !host.is_empty()).map(host).collect()
        })
    }

    /// Addresses and networks, separated by commas.
    pub(super) fn networks(&mut self, name: &str) -> Option<Vec<IpNet>> {
        self.read(name, |text| {
            let networks = text.split(',').map(str::trim).filter(|network| !network.is_empty());
            networks.map(network).collect()
        })
    }

    fn read<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let written = self.sources.get(name);
        let value = parse(written.value.trim());
        if value.is_none() {
            let expected =
                SETTINGS.iter().find(|setting| setting.name == name).map_or("", |setting| setting.expected);
            self.problems.push(Problem::new(&written.origin, name, expected));
        }
        value
    }
}

/// A whole number with its unit; without one it counts seconds.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text.get(..digits)?.parse().ok()?;
    let unit = match text.get(digits..)?.trim() {
        "ms" => return Some(Duration::from_millis(number)),
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    number.checked_mul(unit).map(Duration::from_secs)
}

/// An address is a network of one.
fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| Some(IpNet::from(text.parse::<IpAddr>().ok()?)))
}

fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ', '*']))
}

/// A host name or an address; one of IPv6 stands in brackets.
fn host(text: &str) -> Option<String> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = bare.parse::<Ipv6Addr>() {
        return Some(format!("[{address}]"));
    }
    text.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c)).then(|| text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn settings(environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        let pairs = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::from_sources(&Sources::read(folder.path(), pairs).unwrap())
    }

    #[test]
    fn the_defaults_are_good() {
        let settings = settings(&[]).unwrap();
        assert_eq!(settings.listen.port, 8000);
        assert!(settings.model.provider.is_none());
        assert_eq!(settings.cors_origins, ["http://localhost:3000"]);
    }

    #[test]
    fn a_key_alone_means_openai_and_an_address_alone_means_that_address() {
        let provider = |pairs| settings(pairs).unwrap().model.provider.unwrap();
        assert_eq!(provider(&[("OPENAI_API_KEY", "sk-1")]).base_url, "https://api.openai.com/v1");
        let local = provider(&[("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1")]);
        assert_eq!(local.base_url, "http://127.0.0.1:11434/v1");
        assert!(local.api_key.is_none());
    }

    #[test]
    fn every_bad_value_is_named_at_once_with_what_was_expected() {
        let error = settings(&[
            ("PORT", "eighty"),
            ("DEBUG", "perhaps"),
            ("OPENAI_TEMPERATURE", "3"),
            ("SHUTDOWN_GRACE", "soon"),
        ])
        .unwrap_err()
        .to_string();
        insta::assert_snapshot!(error, @r"
        the settings cannot be used:
          PORT: expected a number from 0 to 65535 (in environment)
          DEBUG: expected True or False (in environment)
          OPENAI_TEMPERATURE: expected a number from 0 to 2 (in environment)
          SHUTDOWN_GRACE: expected a time such as 500ms, 20s, 15m, 12h or 14d (in environment)
        ");
    }

    #[test]
    fn values_that_no_server_could_work_with_are_refused() {
        for pair in [
            ("OPENAI_BASE_URL", "localhost:11434/v1"),
            ("OPENAI_BASE_URL", "http://me:secret@localhost:11434/v1"),
            ("ACCESS_TOKEN_LIFETIME", "0"),
            ("MODEL_FIRST_TOKEN_TIMEOUT", "0"),
            ("REFRESH_TOKEN_LIFETIME", "15m"),
            ("DATABASE_URL", "sqlite://:memory:"),
        ] {
            let error = settings(&[pair]).unwrap_err().to_string();
            assert!(error.contains(&format!("{}: expected", pair.0)), "{error}");
        }
    }

    #[test]
    fn an_empty_value_is_none() {
        assert!(settings(&[("OPENAI_API_KEY", ""), ("PORT", " ")]).unwrap().model.provider.is_none());
    }

    #[test]
    fn the_old_name_is_read_and_the_new_one_wins() {
        use secrecy::ExposeSecret as _;
        let secret = |pairs| settings(pairs).unwrap().auth.secret.unwrap().expose_secret().to_owned();
        assert_eq!(secret(&[("DJANGO_SECRET_KEY", "old")]), "old");
        assert_eq!(secret(&[("SECRET_KEY", "new"), ("DJANGO_SECRET_KEY", "old")]), "new");
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("20"), Some(Duration::from_secs(20)));
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("14d"), Some(Duration::from_secs(14 * 86_400)));
        for text in ["", "s", "-1s", "1.5s", "1w", "99999999999999999999s"] {
            assert_eq!(duration(text), None, "{text:?}");
        }
    }

    #[test]
    fn origins_are_schemes_and_hosts() {
        let origins = |text| settings(&[("CORS_FRONTEND", text)]).map(|settings| settings.cors_origins);
        assert_eq!(origins("https://A.org/, http://b:5173").unwrap(), ["https://a.org", "http://b:5173"]);
        for text in ["*", "a.org", "https://a.org/path", "ftp://a.org"] {
            assert!(origins(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn hosts_are_names_and_addresses_without_ports() {
        let hosts = |text| settings(&[("ALLOWED_HOSTS", text)]).map(|settings| settings.allowed_hosts);
        assert_eq!(hosts("").unwrap(), [] as [&str; 0]);
        let shown = ["chat.example.org", "192.0.2.1", "[2001:db8::1]", "[::1]"];
        assert_eq!(hosts("Chat.Example.ORG, 192.0.2.1,2001:db8::1,[::1]").unwrap(), shown);
        for text in ["*", "example.org:80", "https://example.org", "a b"] {
            assert!(hosts(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        let proxies = |text| settings(&[("TRUSTED_PROXIES", text)]).map(|settings| settings.trusted_proxies);
        let shown = |text| proxies(text).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(shown(""), [] as [&str; 0]);
        assert_eq!(shown("127.0.0.1, 10.0.0.0/8,::1"), ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]);
        for text in ["*", "localhost", "10.0.0.0/33", "10.0.0.1:80"] {
            assert!(proxies(text).is_err(), "{text:?}");
        }
    }
}
