//! Where the signing secret comes from.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use raconteur_auth::{SigningSecret, WeakSecret};
use raconteur_domain::Entropy;
use raconteur_storage::{DatabaseUrl, make_private_folder};
use secrecy::ExposeSecret as _;

use crate::settings::Auth;

/// How many random bytes a secret of our own making has.
const BYTES: usize = 32;

/// Why there is no signing secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    /// Outside development it has to be given.
    #[error(
        "SECRET_KEY is not set, which DEBUG=False does not allow: set it to what `openssl rand -hex 32` prints"
    )]
    Missing,
    /// On a database that servers share it has to be given, in development too.
    #[error(
        "SECRET_KEY is not set, which a Postgres database does not allow, for every server on it has to sign with \
         the same: set it to what `openssl rand -hex 32` prints"
    )]
    MissingShared,
    /// Outside development it has to be strong.
    #[error("SECRET_KEY cannot be used with DEBUG=False: {0}")]
    Weak(#[from] WeakSecret),
    /// The file with the development secret cannot be made or read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The signing secret: the one that was given, or in development one that is made once and kept.
///
/// # Errors
///
/// [`SecretKeyError`] says what is missing and what to do.
pub fn load(
    auth: &Auth,
    database: &DatabaseUrl,
    entropy: &dyn Entropy,
) -> Result<SigningSecret, SecretKeyError> {
    match &auth.secret {
        Some(secret) if auth.debug => {
            Ok(SigningSecret::parse(secret.expose_secret()).unwrap_or_else(|weak| {
                tracing::warn!("SECRET_KEY is good for development only: {weak}");
                SigningSecret::unchecked(secret.expose_secret())
            }))
        }
        Some(secret) => Ok(SigningSecret::parse(secret.expose_secret())?),
        None if auth.debug => {
            let path = beside(database).ok_or(SecretKeyError::MissingShared)?;
            kept(&path, entropy).map_err(|source| SecretKeyError::File { path, source })
        }
        None => Err(SecretKeyError::Missing),
    }
}

/// Where a secret that was not given is kept, if the database has a place that is this server's alone.
#[must_use]
pub fn beside(database: &DatabaseUrl) -> Option<PathBuf> {
    Some(database.file()?.with_file_name("secret.key"))
}

fn kept(path: &Path, entropy: &dyn Entropy) -> std::io::Result<SigningSecret> {
    let mut text = String::new();
    match File::open(path) {
        Ok(mut file) => {
            file.read_to_string(&mut text)?;
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            text = random_hex(entropy);
            path.parent().map_or(Ok(()), make_private_folder)?;
            let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
        }
        Err(error) => return Err(error),
    }
    SigningSecret::parse(text.trim())
        .map_err(|weak| std::io::Error::other(format!("{weak}; remove the file to have another one made")))
}

/// Readable by its owner alone, where the system knows owners.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn random_hex(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; BYTES];
    entropy.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use secrecy::SecretString;

    use super::*;
    use crate::system::SystemEntropy;

    fn auth(debug: bool, secret: Option<&str>) -> Auth {
        Auth {
            debug,
            secret: secret.map(|text| SecretString::from(text.to_owned())),
            access_lifetime: Duration::from_secs(900),
            refresh_lifetime: Duration::from_secs(86_400),
            bcrypt_cost: 4,
            registers_quietly: false,
        }
    }

    fn load_in(folder: &Path, auth: &Auth) -> Result<SigningSecret, SecretKeyError> {
        let url = format!("sqlite://{}/raconteur.db", folder.display());
        load(auth, &url.parse().unwrap(), &SystemEntropy)
    }

    #[test]
    fn in_development_one_is_made_once_and_kept_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        load_in(folder.path(), &auth(true, None)).unwrap();
        let path = folder.path().join("secret.key");
        let kept = std::fs::read_to_string(&path).unwrap();
        load_in(folder.path(), &auth(true, None)).unwrap();
        assert_eq!((std::fs::read_to_string(&path).unwrap(), kept.len()), (kept.clone(), 64));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn outside_development_a_missing_short_or_well_known_one_stops_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let error = |secret| load_in(folder.path(), &auth(false, secret)).err().unwrap().to_string();
        assert!(error(None).contains("SECRET_KEY is not set"));
        assert!(error(Some("short")).contains("too short"));
        assert!(error(Some("django-insecure-0123456789abcdefghijklmnop")).contains("well known"));
        assert!(load_in(folder.path(), &auth(false, Some("6f1ed002ab5595859014ebf0951522d9"))).is_ok());
    }

    #[test]
    #[cfg(feature = "postgres")]
    fn a_shared_database_wants_one_in_development_too() {
        let load = |secret| load(&auth(true, secret), &"postgres://h/d".parse().unwrap(), &SystemEntropy);
        let error = load(None).err().unwrap().to_string();
        assert!(error.contains("SECRET_KEY is not set") && error.contains("openssl rand"), "{error}");
        assert!(load(Some("dev")).is_ok());
    }

    #[test]
    fn in_development_a_weak_one_will_do() {
        let folder = tempfile::tempdir().unwrap();
        assert!(load_in(folder.path(), &auth(true, Some("dev"))).is_ok());
    }
}
