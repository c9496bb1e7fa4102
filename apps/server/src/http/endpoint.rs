//! A path and its methods. HEAD works wherever GET does, OPTIONS tells which methods there are, and so does
//! the refusal of any other one.

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, guard, web};

use super::error::ApiError;

/// A path being given its methods.
pub struct Endpoint {
    #[cfg(test)]
    path: &'static str,
    resource: Resource,
    methods: Vec<&'static str>,
}

impl Endpoint {
    /// A path, without the slash at its end.
    pub fn at(path: &'static str) -> Self {
        Self {
            #[cfg(test)]
            path,
            resource: web::resource(path),
            methods: Vec::new(),
        }
    }

    /// The path that it is at.
    #[cfg(test)]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The methods that it has been given, HEAD included wherever there is GET.
    #[cfg(test)]
    pub fn methods(&self) -> &[&'static str] {
        &self.methods
    }

    pub fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let get_or_head = guard::Any(guard::Get()).or(guard::Head());
        self.route("GET", web::route().guard(get_or_head).to(handler))
    }

    pub fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.route("POST", web::post().to(handler))
    }

    pub fn put<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.route("PUT", web::put().to(handler))
    }

    pub fn patch<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.route("PATCH", web::patch().to(handler))
    }

    pub fn delete<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.route("DELETE", web::delete().to(handler))
    }

    fn route(mut self, method: &'static str, route: actix_web::Route) -> Self {
        self.methods.push(method);
        if method == "GET" {
            self.methods.push("HEAD");
        }
        self.resource = self.resource.route(route);
        self
    }

    /// The finished resource.
    pub fn finish(mut self) -> Resource {
        self.methods.push("OPTIONS");
        let allowed = self.methods.join(", ");
        self.resource.default_service(web::to(move |request: HttpRequest| {
            let allowed = allowed.clone();
            async move {
                if request.method() == Method::OPTIONS {
                    return Ok(HttpResponse::NoContent().insert_header((ALLOW, allowed)).finish());
                }
                Err(ApiError::MethodNotAllowed { method: request.method().to_string(), allowed })
            }
        }))
    }
}
