use qrcode::render::svg;
use qrcode::{Color, QrCode};

/// Pixels of one module in a PNG.
const SCALE: usize = 8;
/// Modules of white around the code, as the standard requires.
const QUIET: usize = 4;

#[derive(Debug, thiserror::Error)]
pub enum QrError {
    #[error("the URL is too long for a QR code")]
    TooLong(#[from] qrcode::types::QrError),
    #[error("the image cannot be written")]
    Image(#[from] png::EncodingError),
}

pub fn as_svg(url: &str) -> Result<String, QrError> {
    Ok(QrCode::new(url)?.render::<svg::Color<'_>>().min_dimensions(256, 256).build())
}

/// Black on white.
pub fn as_png(url: &str) -> Result<Vec<u8>, QrError> {
    let code = QrCode::new(url)?;
    let modules = code.width();
    let side = (modules + 2 * QUIET) * SCALE;
    let colors = code.to_colors();
    let pixel = |x: usize, y: usize| {
        let (column, row) = ((x / SCALE).checked_sub(QUIET), (y / SCALE).checked_sub(QUIET));
        let inside = column.zip(row).filter(|(column, row)| *column < modules && *row < modules);
        let dark = inside.is_some_and(|(column, row)| colors[row * modules + column] == Color::Dark);
        if dark { 0 } else { 255 }
    };
    let pixels: Vec<u8> = (0..side * side).map(|index| pixel(index % side, index / side)).collect();
    let side = u32::try_from(side).unwrap_or(u32::MAX);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_made() {
        let url = "https://my.example.com/signup/0123456789AB";
        assert!(as_svg(url).unwrap().contains("<svg"));
        assert!(as_png(url).unwrap().starts_with(b"\x89PNG"));
    }
}
