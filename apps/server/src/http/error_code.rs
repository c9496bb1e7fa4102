//! Every error there is, once: its stable word, its status, what it means and what to do. `docs/ERRORS.md` and the
//! OpenAPI document are made from this table, and an [`ApiError`](super::error::ApiError) can have no other code.

use actix_web::http::StatusCode;

macro_rules! errors {
    ($($variant:ident = $word:literal, $status:ident, $meaning:literal, $remedy:literal;)*) => {
        /// What an error is called.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode {
            $(#[doc = $meaning] $variant,)*
        }

        impl ErrorCode {
            /// Every code there is, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word, which stays the same over versions.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The status of an answer with this code.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// What it means.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

errors! {
    Invalid = "invalid", BAD_REQUEST,
        "A field, a query parameter or the header `Last-Event-ID` is missing or wrong, or the body is no JSON object.",
        "Correct what `detail` names. Where it is about fields, each wrong one is also a key of its own, with a list of messages.";
    ParseError = "parse_error", BAD_REQUEST,
        "The body is not JSON.",
        "Send one JSON object in UTF-8; `detail` says where reading it ended.";
    IncompleteBody = "incomplete_body", BAD_REQUEST,
        "The body broke off or took too long to arrive.",
        "Send it again.";
    BadRequest = "bad_request", BAD_REQUEST,
        "The request cannot be understood at all.",
        "Check the client: no request that is well-formed HTTP gets this.";
    HostNotAllowed = "host_not_allowed", BAD_REQUEST,
        "The server does not answer under the host name that was asked for.",
        "Ask under its own name, or have that name added to the setting `ALLOWED_HOSTS`.";
    EmailTaken = "email_taken", BAD_REQUEST,
        "Somebody has an account with this e-mail address.",
        "Sign in instead, or register another address.";
    InvalidCredentials = "invalid_credentials", BAD_REQUEST,
        "Nobody has this e-mail address, or the password is another one; which of them is not told.",
        "Ask for both again.";
    GoogleNotConfigured = "google_not_configured", BAD_REQUEST,
        "Nobody can sign in with Google at this server.",
        "Sign in with a password, or have the setting `GOOGLE_OAUTH_CLIENT_ID` made.";
    InvalidGoogleToken = "invalid_google_token", BAD_REQUEST,
        "The ID token is not one that Google made for this server, or it has expired.",
        "Have the person sign in with Google again and send the new token.";
    NotAReply = "not_a_reply", BAD_REQUEST,
        "The message is the person's own, and only a reply can be regenerated or continued.",
        "Take a message whose `role` is `assistant`. One of the person's is edited, or answered at `/api/chat/stream`.";
    StillRunning = "still_running", BAD_REQUEST,
        "The reply is still running, and can be changed once it has ended.",
        "Wait for its end, or stop it at `/api/chat/stop`, and try again.";
    NotTheLast = "not_the_last", BAD_REQUEST,
        "Only the reply that the conversation ends with, as it is shown, can be continued.",
        "Continue the last message that is shown. To show another branch, activate a message of it first.";
    PromptTooLong = "prompt_too_long", BAD_REQUEST,
        "What is to be answered does not fit the model's context, even with everything else left out.",
        "Send less; `detail` has the numbers. Where the model takes more, have the setting `CONTEXT_TOKENS` raised.";
    BadArchive = "bad_archive", BAD_REQUEST,
        "A line of the archive is none that `/api/me/export` writes, or its end is missing. Nothing of it was kept.",
        "Send the whole file as it was given out; `detail` names the line.";
    BadCard = "bad_card", BAD_REQUEST,
        "The file is no character card and no zip of a character's folder, it is damaged, or it passes a limit.",
        "`detail` says which. Export the character once more, or make it smaller.";
    BadPicture = "bad_picture", BAD_REQUEST,
        "The file is no picture that is taken in, or it is damaged.",
        "Send a PNG, JPEG or WebP of at most 40 million pixels.";
    PersonasFull = "personas_full", BAD_REQUEST,
        "The person has as many characters of their own as are kept, or these take as much room as they may.",
        "Delete a character, or take a picture away.";
    NotAuthenticated = "not_authenticated", UNAUTHORIZED,
        "There is no access token.",
        "Send `Authorization: Bearer` with the access token of a sign-in.";
    TokenNotValid = "token_not_valid", UNAUTHORIZED,
        "The token is expired, broken or of the other kind, its session has ended, or whose it was is gone.",
        "Get a new access token at `/api/auth/refresh`; if it is the refresh token that is refused, sign in again.";
    RequestedWithRequired = "requested_with_required", FORBIDDEN,
        "The refresh token came in a cookie, and the header `X-Requested-With` is missing, which no other site can send.",
        "Send the header, with any value.";
    NotFound = "not_found", NOT_FOUND,
        "There is no such path, thing or page of a list, or it is somebody else's.",
        "Check the path, the id or the page number. Nothing tells a thing of somebody else's from one that never was.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED,
        "The path does not take this method.",
        "Use one of those that the header `Allow` lists.";
    TooLarge = "too_large", PAYLOAD_TOO_LARGE,
        "The body is larger than is read.",
        "Send less; `detail` says how many bytes are read.";
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY,
        "Another request was made under this `Idempotency-Key` within the last 24 hours.",
        "Give each request a key of its own, and repeat a request as it was.";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE,
        "The body is of another media type than JSON.",
        "Send `Content-Type: application/json`.";
    Internal = "internal", INTERNAL_SERVER_ERROR,
        "Something failed on the server.",
        "Tell whoever runs the server the `request_id`; its log says under it what happened.";
    RateLimited = "rate_limited", TOO_MANY_REQUESTS,
        "There were too many requests of this kind, by this account or from this network.",
        "Wait as many seconds as `Retry-After` says, and ask less often.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE,
        "The server or its database is busy, out of order or shutting down.",
        "Try again after as many seconds as the header `Retry-After` says.";
}
