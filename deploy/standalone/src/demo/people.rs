//! Visitors: names of many scripts, where they live, and how they came.

use super::random::Random;

/// Somebody who fills in the signup form.
#[derive(Clone, Debug)]
pub struct Person {
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub country: &'static str,
    pub city: &'static str,
    pub language: &'static str,
    pub email: String,
}

struct Place {
    country: &'static str,
    language: &'static str,
    cities: [&'static str; 3],
    first_names: [&'static str; 6],
    last_names: [&'static str; 6],
}

/// How often a visitor lives in the agent's country.
const NEIGHBOURS: i64 = 75;

const PLACES: [Place; 12] = [
    Place {
        country: "DE",
        language: "de",
        cities: ["Hamburg", "Köln", "Berlin"],
        first_names: ["Anna", "Jürgen", "Sören", "Käthe", "Emre", "Lena"],
        last_names: ["Müller", "Weiß", "Groß", "Yılmaz", "Böhm", "Schäfer"],
    },
    Place {
        country: "FR",
        language: "fr",
        cities: ["Lyon", "Nîmes", "Paris"],
        first_names: ["Zoë", "Jean-Luc", "Aïcha", "François", "Élodie", "Noël"],
        last_names: ["D’Aubigné", "Lefèvre", "Benali", "Garçon", "Œuvrard", "Petit"],
    },
    Place {
        country: "IE",
        language: "en",
        cities: ["Dublin", "Cork", "Dún Laoghaire"],
        first_names: ["Seán", "Aoife", "Niamh", "Liam", "Síle", "Conor"],
        last_names: ["O’Brien", "Ní Dhomhnaill", "Murphy", "Ó Sé", "Kelly", "Byrne"],
    },
    Place {
        country: "NL",
        language: "nl",
        cities: ["Rotterdam", "Utrecht", "’s-Hertogenbosch"],
        first_names: ["Emma", "小龙", "Daan", "婉婷", "Noor", "Sjoerd"],
        last_names: ["van den Berg", "李", "de Vries", "王", "IJzerman", "陈"],
    },
    Place {
        country: "ES",
        language: "es",
        cities: ["Sevilla", "Málaga", "A Coruña"],
        first_names: ["Fátima", "Íñigo", "Lucía", "José", "Begoña", "Álvaro"],
        last_names: ["Núñez", "García Márquez", "Peña", "Ibáñez", "Güell", "Ortiz"],
    },
    Place {
        country: "AT",
        language: "ar",
        cities: ["Wien", "Graz", "Linz"],
        first_names: ["أحمد", "ليلى", "يوسف", "مريم", "Johanna", "كريم"],
        last_names: ["النجار", "حداد", "المصري", "منصور", "Höllerer", "عبد الله"],
    },
    Place {
        country: "GB",
        language: "en",
        cities: ["London", "Leeds", "Llandudno"],
        first_names: ["Priya", "Kofi", "Siân", "Oliver", "Zainab", "Angharad"],
        last_names: ["शर्मा", "Mensah", "Llewellyn", "Smith-Jones", "Okonkwo", "Patel"],
    },
    Place {
        country: "JP",
        language: "ja",
        cities: ["大阪", "東京", "札幌"],
        first_names: ["結衣", "翔太", "さくら", "ゆうき", "ケン", "美咲"],
        last_names: ["田中", "佐藤", "鈴木", "髙橋", "渡邊", "山本"],
    },
    Place {
        country: "PL",
        language: "pl",
        cities: ["Kraków", "Łódź", "Wrocław"],
        first_names: ["Łukasz", "Олена", "Małgorzata", "Тарас", "Zbigniew", "Соломія"],
        last_names: ["Wiśniewski", "Шевченко", "Źródlak", "Коваленко", "Dąbrowska", "Бойко"],
    },
    Place {
        country: "BE",
        language: "fr",
        cities: ["Liège", "Gent", "Namur"],
        first_names: ["Kwame", "Margaux", "Ama", "Thibaut", "Yaw", "Chloé"],
        last_names: ["Osei", "Janssens", "Boateng", "Dubois", "Asante", "Peeters"],
    },
    Place {
        country: "GR",
        language: "el",
        cities: ["Αθήνα", "Πάτρα", "Χανιά"],
        first_names: ["Γιώργος", "Ελένη", "Νίκος", "Σοφία", "Άννα", "Δημήτρης"],
        last_names: ["Παπαδόπουλος", "Οικονόμου", "Γεωργίου", "Βλάχου", "Ζαΐμης", "Ρήγα"],
    },
    Place {
        country: "TR",
        language: "tr",
        cities: ["İstanbul", "İzmir", "Muğla"],
        first_names: ["Ayşe", "Çağrı", "Işıl", "Ömer", "Gülşen", "Şule"],
        last_names: ["Yıldız", "Öztürk", "Çelik", "Doğan", "Şahin", "Aydın"],
    },
];

/// Source, medium and campaign of a link; most visitors have none.
pub const CAMPAIGNS: [Option<[&str; 3]>; 6] = [
    None,
    Some(["google", "cpc", "first-call"]),
    Some(["newsletter", "email", "second-line"]),
    Some(["poster", "print", "main-station"]),
    Some(["instagram", "social", "bring-a-friend"]),
    None,
];

/// The visitor of a number, through a link of an agent in this country.
pub fn person(random: &mut Random, agents_country: &str, number: u64) -> Option<Person> {
    let neighbour = PLACES.iter().find(|place| place.country == agents_country);
    let place = match neighbour {
        Some(place) if random.percent(NEIGHBOURS) => place,
        _ => random.one(&PLACES)?,
    };
    Some(Person {
        first_name: random.one(&place.first_names)?,
        last_name: random.one(&place.last_names)?,
        country: place.country,
        city: random.one(&place.cities)?,
        language: place.language,
        email: format!("visitor{number}@example.com"),
    })
}
