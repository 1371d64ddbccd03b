//! Reading a form from a request: as browsers send it, with files or without.

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use web::http::Problem;
use web::http::body::Payload;

use crate::ui::form::Form;

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let Payload(bytes) = Payload::from_request(Request::new(body), state).await?;
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Ok(Self::read_from(&bytes));
        }
        let request = Request::from_parts(parts, bytes.into());
        let fields = Multipart::from_request(request, state).await.map_err(|_| no_form())?;
        Self::with_files(fields).await.map_err(|_| no_form())
    }
}

impl Form {
    /// A form with files: each becomes the base64 of its bytes, and a file that was not chosen is absent.
    async fn with_files(mut fields: Multipart) -> Result<Self, MultipartError> {
        let mut form = Self::default();
        while let Some(field) = fields.next_field().await? {
            let Some(name) = field.name().map(str::to_owned) else { continue };
            let is_file = field.file_name().is_some();
            let bytes = field.bytes().await?;
            if is_file && bytes.is_empty() {
                continue;
            }
            let text = if is_file { STANDARD.encode(&bytes) } else { String::from_utf8_lossy(&bytes).into_owned() };
            form.pairs.push((name, text));
        }
        Ok(form)
    }
}

fn no_form() -> Problem {
    let (status, detail) = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The form did not arrive as a form.");
    Problem::new(status, "unsupported-media-type", "Not a form", detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ui::form::Empty;

    async fn form_with_files(body: &'static str) -> Result<Form, Problem> {
        let request = Request::builder().header(header::CONTENT_TYPE, "multipart/form-data; boundary=B");
        Form::from_request(request.body(body.into()).unwrap(), &()).await
    }

    #[tokio::test]
    async fn a_file_comes_as_base64_and_one_that_was_not_chosen_not_at_all() {
        let text = "--B\r\nContent-Disposition: form-data; name=\"branding.logo\"; filename=\"a.png\"\r\n\r\nPNG\r\n--B\r\n\
            Content-Disposition: form-data; name=\"other\"; filename=\"\"\r\n\r\n\r\n--B\r\n\
            Content-Disposition: form-data; name=\"branding.name\"\r\n\r\nZoë\r\n--B--\r\n";
        let form = form_with_files(text).await.unwrap();
        assert_eq!(form.value(Empty::Text), json!({ "branding": { "logo": "UE5H", "name": "Zoë" } }));
        assert!(form_with_files("--B\r\ncut off").await.is_err());
    }
}
