//! The web app: the files that `apps/web` was built to, and its first page for every other path that is not the API's.

use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG,
    Encoding, Header as _, HeaderValue, IF_NONE_MATCH, VARY,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::http::error::ApiError;

/// What the app was built to, where it was: each file, and beside it the same packed, as `NAME.br` and `NAME.gz`.
#[derive(RustEmbed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Files;

/// What everything begins with that has no pages.
const NO_PAGES: [&str; 4] = ["api", "v1", "healthz", "readyz"];

/// The folder whose files have a hash in their names, and never change.
const HASHED: &str = "assets/";

const PAGE: &str = "index.html";

/// What the app's pages may load: what comes from this server, and pictures that are made in the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
                      connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What stands at `/` where the program was built without the app.
const NOT_BUILT: &str = "This server was built without its web app: run `just web` and build it again. The API is at /api/docs.\n";

/// Whatever is at no other path: a file of the app, or the page that finds out itself what it is to show.
pub async fn file(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let path = request.path().trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads || NO_PAGES.contains(&first) {
        return Err(ApiError::NotFound);
    }
    if let Some(file) = Files::get(path).filter(|_| path != PAGE && !path.is_empty()) {
        return Ok(answer(&request, path, &file));
    }
    // What has an extension is a file, and there is no such file: a page would only confuse whoever wants it.
    if path.starts_with(HASHED) || path.rsplit('/').next().is_some_and(|name| name.contains('.')) {
        return Err(ApiError::NotFound);
    }
    match Files::get(PAGE) {
        Some(page) => Ok(answer(&request, PAGE, &page)),
        None if path.is_empty() => {
            Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(NOT_BUILT))
        }
        None => Err(ApiError::NotFound),
    }
}

fn answer(request: &HttpRequest, name: &str, file: &EmbeddedFile) -> HttpResponse {
    let tag = tag(file);
    let known = request.headers().get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    if known.is_some_and(|tags| tags.contains(&tag)) {
        return headers(&mut HttpResponse::NotModified(), name, tag).finish();
    }
    let mut response = HttpResponse::Ok();
    headers(&mut response, name, tag).content_type(media_type(name));
    match packed(request, name) {
        Some((coding, packed)) => response
            .insert_header((CONTENT_ENCODING, HeaderValue::from_static(coding)))
            .body(packed.data.into_owned()),
        None => response.body(file.data.to_vec()),
    }
}

fn headers<'a>(
    response: &'a mut HttpResponseBuilder,
    name: &str,
    tag: String,
) -> &'a mut HttpResponseBuilder {
    let caching = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    response
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, caching))
        .insert_header((VARY, ACCEPT_ENCODING.as_str()));
    if name == PAGE {
        response
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .insert_header(("Referrer-Policy", "no-referrer"))
            .insert_header(("Cross-Origin-Opener-Policy", "same-origin"));
    }
    response
}

/// The beginning of the file's hash, as a tag that holds however it is packed.
fn tag(file: &EmbeddedFile) -> String {
    let hash: String = file.metadata.sha256_hash().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{hash}\"")
}

/// The file as small as the client takes it, where it was packed.
fn packed(request: &HttpRequest, name: &str) -> Option<(&'static str, EmbeddedFile)> {
    let accepted = AcceptEncoding::parse(request).ok()?;
    let offered = [Encoding::brotli(), Encoding::gzip(), Encoding::identity()];
    let (coding, extension) = match accepted.negotiate(offered.iter())? {
        coding if coding == Encoding::brotli() => ("br", "br"),
        coding if coding == Encoding::gzip() => ("gzip", "gz"),
        _ => return None,
    };
    Some((coding, Files::get(&format!("{name}.{extension}"))?))
}

/// The media types of what the app is built to.
fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "json" | "webmanifest" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
