//! Where a database is.

use std::path::Path;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::str::FromStr;

use crate::OpenError;

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An SQLite file.
    #[cfg(feature = "sqlite")]
    Sqlite(PathBuf),
    /// A Postgres server.
    #[cfg(feature = "postgres")]
    Postgres(PostgresUrl),
}

impl FromStr for DatabaseUrl {
    type Err = OpenError;

    /// `sqlite://data/file.db` lies below the working directory, `sqlite:///var/file.db` does not.
    /// `postgres://USER:PASSWORD@HOST/DATABASE` is what libpq takes, parameters after a `?` included.
    fn from_str(url: &str) -> Result<Self, OpenError> {
        #[cfg(feature = "sqlite")]
        if let Some(path) = url.strip_prefix("sqlite://").filter(|path| is_file(path)) {
            return Ok(Self::Sqlite(path.into()));
        }
        #[cfg(feature = "postgres")]
        if let Some(server) = PostgresUrl::parse(url) {
            return Ok(Self::Postgres(server));
        }
        Err(OpenError::Url)
    }
}

impl DatabaseUrl {
    /// The name to show: what the database is and where, with nothing secret in it.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => format!("SQLite at {}", path.display()),
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => format!("Postgres at {}", server.place()),
        }
    }

    /// The file, where the database is one of this machine's alone; `None` where other servers may share it.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => Some(path),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => None,
        }
    }
}

/// Whether the path names a file, to SQLite too, which gives some names another meaning.
#[cfg(feature = "sqlite")]
fn is_file(path: &str) -> bool {
    let special = path.starts_with(':') || path.starts_with("file:");
    !path.is_empty() && !path.ends_with('/') && !special && !path.contains(['\0', '?', '#'])
}

/// A connection URI as libpq reads it
/// (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>). It may hold a password,
/// which is never shown.
#[cfg(feature = "postgres")]
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(String);

#[cfg(feature = "postgres")]
impl PostgresUrl {
    /// What libpq would stumble over is refused here, for its complaints may quote a password.
    fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"))?;
        let (place, parameters) = split_at(rest, &['?']);
        let (authority, _) = split_at(place, &['/']);
        let hosts = authority.split_once('@').map_or(authority, |(_, hosts)| hosts);
        let printable = url.chars().all(|character| !character.is_whitespace() && !character.is_control());
        // A second `@`, or one behind the authority, is a piece of a password that was not percent-encoded.
        let unambiguous = rest.matches('@').count() <= 1 && authority.contains('@') == rest.contains('@');
        let sound = printable
            && unambiguous
            && !rest.contains('#')
            && is_percent_encoded(url)
            && hosts.split(',').all(is_host)
            && parameters.strip_prefix('?').is_none_or(|pairs| pairs.split('&').all(is_pair));
        sound.then(|| Self(url.to_owned()))
    }

    /// Whether libpq would choose the host.
    pub(super) fn names_no_host(&self) -> bool {
        let (_, rest) = self.0.split_once("://").unwrap_or_default();
        let (authority, _) = split_at(rest, &['/', '?']);
        let hosts = authority.split_once('@').map_or(authority, |(_, hosts)| hosts);
        let (_, parameters) = split_at(rest, &['?']);
        hosts.is_empty() && !has_parameter(parameters, "host") && !has_parameter(parameters, "hostaddr")
    }

    /// Hosts and database, without the name, the password and the parameters.
    fn place(&self) -> &str {
        let (_, rest) = self.0.split_once("://").unwrap_or_default();
        let (without_parameters, _) = split_at(rest, &['?']);
        let place = without_parameters.split_once('@').map_or(without_parameters, |(_, place)| place);
        if place.is_empty() { "its default address" } else { place }
    }

    /// The URL for libpq, with parameters added that it does not have.
    pub(super) fn with_defaults(&self, defaults: &[(&str, &str)]) -> String {
        let (_, parameters) = split_at(&self.0, &['?']);
        let missing: Vec<String> = defaults
            .iter()
            .filter(|(name, _)| !has_parameter(parameters, name))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let joint = if parameters.is_empty() { '?' } else { '&' };
        format!("{}{joint}{}", self.0, missing.join("&"))
    }
}

#[cfg(feature = "postgres")]
impl std::fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PostgresUrl").field(&self.place()).finish()
    }
}

/// Whether a host of an authority is a name or an address, with or without a port.
#[cfg(feature = "postgres")]
fn is_host(host: &str) -> bool {
    let behind = match host.strip_prefix('[') {
        Some(bracketed) => match bracketed.split_once(']') {
            Some((_, behind)) => behind,
            None => return false,
        },
        None => split_at(host, &[':']).1,
    };
    match behind.strip_prefix(':') {
        // libpq takes a colon without a port as well.
        Some(port) => port.is_empty() || port.parse::<u16>().is_ok(),
        None => behind.is_empty(),
    }
}

/// Whether a parameter is a name and a value.
#[cfg(feature = "postgres")]
fn is_pair(pair: &str) -> bool {
    pair.split_once('=').is_some_and(|(name, value)| !name.is_empty() && !value.contains('='))
}

/// Whether the parameters of a URL, from the `?` on, have one of this name.
#[cfg(feature = "postgres")]
fn has_parameter(parameters: &str, name: &str) -> bool {
    parameters.trim_start_matches('?').split('&').any(|pair| pair.split('=').next() == Some(name))
}

/// The text before the first of these characters, and the rest from there on.
#[cfg(feature = "postgres")]
fn split_at<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// Whether every `%` begins two hexadecimal digits, other than those of NUL.
#[cfg(feature = "postgres")]
fn is_percent_encoded(url: &str) -> bool {
    url.split('%').skip(1).all(|code| {
        code.get(..2).is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()) && hex != "00")
    })
}

#[cfg(all(test, feature = "postgres", feature = "sqlite"))]
mod tests {
    use super::*;

    fn parse(url: &str) -> Option<DatabaseUrl> {
        url.parse().ok()
    }

    #[test]
    fn a_relative_and_an_absolute_file_are_told_apart() {
        let file = |url| parse(url).and_then(|url| url.file().map(Path::to_owned));
        assert_eq!(file("sqlite://data/raconteur.db"), Some("data/raconteur.db".into()));
        assert_eq!(file("sqlite:///var/raconteur.db"), Some("/var/raconteur.db".into()));
    }

    #[test]
    fn what_is_no_database_is_refused() {
        for url in [
            "",
            "sqlite://",
            "sqlite://:memory:",
            "sqlite://file:x.db",
            "sqlite://x.db?mode=ro",
            "sqlite://data/",
            "data/raconteur.db",
            "mysql://x/y",
            "postgres:/x",
            "postgres://me:p@ss@host/db",
            "postgres://me:p/ss@host/db",
            "postgres://me:p?ss@host/db",
            "postgres://me:100%@host/db",
            "postgres://me:pass word@host/db",
            "postgres://me:pass#word@host/db",
            "postgres://me:secret/db",
            "postgres://me:123456/db",
            "postgres://me:secret@[::1/db",
            "postgres://me:secret@[::1]x/db",
            "postgres://host/db?secret",
            "postgres://host/db?a=1&",
        ] {
            assert_eq!(parse(url), None, "{url:?}");
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        for (url, shown) in [
            ("postgres://me:secret@db.example.org:5433/rac", "Postgres at db.example.org:5433/rac"),
            ("postgresql://h1:1,h2:2/rac?password=secret", "Postgres at h1:1,h2:2/rac"),
            ("postgres:///rac?host=/run&password=secret", "Postgres at /rac"),
            ("postgres://", "Postgres at its default address"),
        ] {
            let url = parse(url).unwrap();
            assert_eq!(url.describe(), shown);
            assert!(!format!("{url:?}").contains("secret"));
        }
    }

    #[test]
    fn everything_that_libpq_takes_is_taken() {
        for url in [
            "postgres://",
            "postgres:///db?host=/run/postgresql",
            "postgresql://%2Frun%2Fpostgresql/db",
            "postgres://me@[::1]:5432,[fe80::1],other:5433/db?sslmode=require",
            "postgres://me:p%40ss@127.0.0.1:5432/db?options=-csearch_path%3Dx",
        ] {
            assert!(matches!(parse(url), Some(DatabaseUrl::Postgres(_))), "{url}");
        }
        let hostless = |url: &str| PostgresUrl::parse(url).unwrap().names_no_host();
        assert!(hostless("postgres:///db") && hostless("postgres://me@/db"));
        assert!(!hostless("postgres://h/db") && !hostless("postgres:///db?host=/run"));
    }

    #[test]
    fn what_the_url_says_is_not_said_again() {
        let with = |url: &str| PostgresUrl::parse(url).unwrap().with_defaults(&[("a", "1"), ("b", "2")]);
        assert_eq!(with("postgres://h/d"), "postgres://h/d?a=1&b=2");
        assert_eq!(with("postgres://h/d?b=9"), "postgres://h/d?b=9&a=1");
        assert_eq!(with("postgres://h/d?xa=9"), "postgres://h/d?xa=9&a=1&b=2");
    }
}
