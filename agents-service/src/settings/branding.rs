//! Checks of the operator's branding: a colour for a stylesheet, and a small, complete PNG.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The largest picture, in bytes: with the longest terms, the settings still fit into one event.
pub const MAX_LOGO_BYTES: usize = 32 * 1024;
/// In pixels.
pub const MAX_LOGO_SIDE: u32 = 1_024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    #[error("must be # and six hexadecimal digits, such as #0b5cad")]
    NotAColour,
    #[error("must be a PNG picture")]
    NotAPicture,
    #[error("must be a picture of at most {MAX_LOGO_BYTES} bytes")]
    TooLarge,
    #[error("must be a picture of at most {MAX_LOGO_SIDE} times {MAX_LOGO_SIDE} pixels")]
    TooManyPixels,
}

impl Violation {
    /// The stable code for API clients.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAColour | Self::NotAPicture => "invalid",
            Self::TooLarge | Self::TooManyPixels => "too_large",
        }
    }
}

/// The colour in lower case; an empty text means none.
pub fn colour(text: &str) -> Result<String, Violation> {
    let digits = text.strip_prefix('#').unwrap_or_default();
    let fits = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if fits || text.is_empty() { Ok(text.to_ascii_lowercase()) } else { Err(Violation::NotAColour) }
}

/// The picture, after it was decoded completely; an empty text means none.
pub fn logo(text: &str) -> Result<String, Violation> {
    if text.is_empty() {
        return Ok(String::new());
    }
    if text.len() > MAX_LOGO_BYTES.div_ceil(3) * 4 {
        return Err(Violation::TooLarge);
    }
    let bytes = STANDARD.decode(text).map_err(|_| Violation::NotAPicture)?;
    if bytes.len() > MAX_LOGO_BYTES {
        return Err(Violation::TooLarge);
    }
    read_picture(&bytes)?;
    Ok(text.to_owned())
}

/// Decodes every row of the picture, in bounded memory.
fn read_picture(bytes: &[u8]) -> Result<(), Violation> {
    let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().map_err(|_| Violation::NotAPicture)?;
    if reader.info().width.max(reader.info().height) > MAX_LOGO_SIDE {
        return Err(Violation::TooManyPixels);
    }
    while reader.next_row().map_err(|_| Violation::NotAPicture)?.is_some() {}
    reader.finish().map_err(|_| Violation::NotAPicture)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = png::Encoder::new(&mut bytes, width, height);
        let pixels = vec![7; (width * height) as usize];
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        bytes
    }

    #[test]
    fn a_colour_is_six_digits_or_none() {
        assert_eq!(colour("#0B5CAD").as_deref(), Ok("#0b5cad"));
        assert_eq!(colour("").as_deref(), Ok(""));
        for text in ["0b5cad", "#fff", "red", "#0b5cag", "#0b5cad;}", " #0b5cad", "#０b5cad"] {
            assert_eq!(colour(text), Err(Violation::NotAColour), "{text}");
        }
    }

    #[test]
    fn a_small_picture_is_taken_as_it_is() {
        let text = STANDARD.encode(picture(3, 2));
        assert_eq!(logo(&text), Ok(text));
        assert_eq!(logo(""), Ok(String::new()));
    }

    #[test]
    fn an_incomplete_picture_is_refused() {
        let whole = picture(30, 20);
        let script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        for bytes in [&whole[..whole.len() / 2], &whole[..20], script.as_slice()] {
            assert_eq!(logo(&STANDARD.encode(bytes)), Err(Violation::NotAPicture));
        }
        assert_eq!(logo("no base64!"), Err(Violation::NotAPicture));
    }

    #[test]
    fn a_picture_that_is_too_large_is_refused() {
        assert_eq!(logo(&STANDARD.encode(picture(MAX_LOGO_SIDE + 1, 1))), Err(Violation::TooManyPixels));
        assert_eq!(logo(&STANDARD.encode(vec![0; MAX_LOGO_BYTES + 1])), Err(Violation::TooLarge));
        assert_eq!(logo(&"A".repeat(MAX_LOGO_BYTES * 2)), Err(Violation::TooLarge));
    }
}
