//! Seeded people with names in many scripts. The generator (splitmix64) is our own, so that one seed gives the same
//! people on every machine and version.

#[derive(Clone)]
pub struct Rng {
    state: u64,
}

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.roll() % limit).unwrap_or_default()
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// A person who signs up; all fields are personal data.
#[derive(Clone, Debug)]
pub struct Person {
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub phone: String,
    pub address: String,
    pub city: String,
}

/// Matching first and last names in their owners' spelling (NFC).
const NAMES: [(&str, &str); 24] = [
    ("Sinéad", "O'Brien"),
    ("小龙", "李"),
    ("Zoë", "Müller-Lüdenscheidt"),
    ("محمد", "الخطيب"),
    ("שרה", "כהן"),
    ("Дмитрий", "Щербаков"),
    ("Ελένη", "Παπαδοπούλου"),
    ("さくら", "高橋"),
    ("민준", "김"),
    ("प्रिया", "शर्मा"),
    ("ณัฐพล", "ศรีสุข"),
    ("தமிழ்ச்செல்வி", "முருகன்"),
    ("Nguyễn", "Thị Ánh"),
    ("Þórdís", "Jónsdóttir"),
    ("İbrahim", "Yıldırım"),
    ("Łukasz", "Żółkiewski"),
    ("Անի", "Հակոբյան"),
    ("გიორგი", "ბერიძე"),
    ("አበበ", "ተስፋዬ"),
    ("ሰላም 🌻", "በቀለ"),
    ("María José", "de la Cruz y Núñez"),
    ("Jean-Luc", "d’Arc"),
    ("Ngozi", "Ọkọ́nkwọ̀"),
    ("Bo", "Union Select"),
];

const CITIES: [&str; 8] =
    ["Union City", "Øystese", "大阪", "القاهرة", "Санкт-Петербург", "São Paulo", "ירושלים", "Llanfairpwll"];

/// A person with a unique e-mail address, by the number.
pub fn person(rng: &mut Rng, number: usize) -> Person {
    let (first_name, last_name) = *rng.pick(&NAMES);
    let tag = rng.roll();
    Person {
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        email: format!("visitor.{number}.{tag:016x}@mail.example"),
        phone: format!("+49 30 {:08}", tag % 100_000_000),
        address: format!("Seeded Street {:x}-{number}", tag >> 40),
        city: (*rng.pick(&CITIES)).to_owned(),
    }
}

/// The name of an agent's company.
pub fn company(rng: &mut Rng, number: usize) -> String {
    let (_, last_name) = rng.pick(&NAMES);
    format!("{last_name} & Sons {number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_means_the_same_people() {
        let people = |seed| (0..20).map(|number| person(&mut Rng::new(seed), number).email).collect::<Vec<_>>();
        assert_eq!(people(7), people(7));
        assert_ne!(people(7), people(8));
    }
}
