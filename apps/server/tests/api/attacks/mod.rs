//! What somebody tries who wants in where they do not belong.

mod enumeration;
mod routes;
mod tokens;
