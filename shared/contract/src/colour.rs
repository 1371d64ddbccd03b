//! The operator's colour, and which text is readable on it and beside it, by the contrast of WCAG 2.

pub const READABLE: f64 = 4.5;
/// How much each step of `readable_on` moves towards black or white.
const STEP: f64 = 0.05;

/// An RGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

pub const BLACK: Colour = Colour([0, 0, 0]);
pub const WHITE: Colour = Colour([255, 255, 255]);

impl Colour {
    pub fn of_digits(digits: &str) -> Option<Self> {
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let part = |from: usize| u8::from_str_radix(digits.get(from..from + 2)?, 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    pub fn digits(self) -> String {
        let [red, green, blue] = self.0;
        format!("{red:02x}{green:02x}{blue:02x}")
    }

    /// The contrast ratio: 1 (equal) to 21 (black and white).
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Black or white, whichever is more readable on the colour. One of them always is readable.
    #[must_use]
    pub fn ink(self) -> Self {
        if self.contrast(BLACK) > self.contrast(WHITE) { BLACK } else { WHITE }
    }

    /// The nearest shade that is readable on this background.
    #[must_use]
    pub fn readable_on(self, ground: Self) -> Self {
        let mut part = 0.0;
        let mut found = self;
        while found.contrast(ground) < READABLE && part < 1.0 {
            part += STEP;
            found = self.mixed(ground.ink(), part);
        }
        found
    }

    fn mixed(self, other: Self, part: f64) -> Self {
        let mut mixed = self.0;
        for (light, towards) in mixed.iter_mut().zip(other.0) {
            let value = f64::from(*light) * (1.0 - part) + f64::from(towards) * part;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is held between 0 and 255")]
            let value = value.round().clamp(0.0, 255.0) as u8;
            *light = value;
        }
        Self(mixed)
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|light| {
            let light = f64::from(light) / 255.0;
            if light <= 0.04045 { light / 12.92 } else { ((light + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 0.001);
        let grey = Colour::of_digits("767676").unwrap();
        assert!((grey.contrast(WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn digits_are_read_and_written() {
        assert_eq!(Colour::of_digits("0B5cad").map(Colour::digits).as_deref(), Some("0b5cad"));
        for text in ["", "fff", "0b5ca", "0b5cag", "+b5cad", "éb5ca", "0b5cad0"] {
            assert_eq!(Colour::of_digits(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_colour_everything_is_readable(parts: [u8; 3], ground: [u8; 3]) {
            let (colour, ground) = (Colour(parts), Colour(ground));
            prop_assert!(colour.ink().contrast(colour) >= READABLE);
            prop_assert!(colour.readable_on(ground).contrast(ground) >= READABLE);
        }
    }

    #[test]
    fn a_colour_that_is_readable_already_stays() {
        let blue = Colour::of_digits("0b5cad").unwrap();
        assert_eq!(blue.readable_on(WHITE), blue);
    }
}
