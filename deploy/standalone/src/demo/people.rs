//! Visitors: names of many scripts, and where they live. Each name is put together by chance.

use super::phones::phone;
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
    pub phone: Option<String>,
}

struct Place {
    country: &'static str,
    language: &'static str,
    cities: &'static [&'static str],
    first_names: &'static [&'static str],
    last_names: &'static [&'static str],
}

/// Of a hundred visitors, how many live in the agent's country.
const NEIGHBOURS: i64 = 75;
/// Of a hundred visitors, how many give a phone number.
const WITH_PHONE: i64 = 55;
/// Domains that are kept for examples.
const DOMAINS: [&str; 4] = ["example.com", "example.net", "example.org", "mail.example"];

type Words = &'static [&'static str];

const fn place(
    (country, language): (&'static str, &'static str),
    cities: Words,
    first_names: Words,
    last_names: Words,
) -> Place {
    Place { country, language, cities, first_names, last_names }
}

static PLACES: [Place; 26] = [
    place(
        ("DE", "de"),
        &["Hamburg", "Köln", "Berlin", "Würzburg", "Frankfurt"],
        &["Anna", "Jürgen", "Sören", "Käthe", "Emre", "Lena", "민준", "Björn", "Fatma", "Uwe"],
        &["Müller", "Weiß", "Groß", "Yılmaz", "Böhm", "Schäfer", "김", "Nguyễn", "Köhler", "Özdemir"],
    ),
    place(
        ("FR", "fr"),
        &["Lyon", "Nîmes", "Paris", "Besançon"],
        &["Zoë", "Jean-Luc", "Aïcha", "François", "Élodie", "Noël", "Mamadou", "Anaïs"],
        &["D’Aubigné", "Lefèvre", "Benali", "Garçon", "Œuvrard", "Petit", "Diallo", "Mercier"],
    ),
    place(
        ("IE", "en"),
        &["Dublin", "Cork", "Dún Laoghaire"],
        &["Seán", "Aoife", "Niamh", "Liam", "Síle", "Conor", "Agnieszka", "Tadhg"],
        &["O’Brien", "Ní Dhomhnaill", "Murphy", "Ó Sé", "Kelly", "Byrne", "Nowak", "Walsh"],
    ),
    place(
        ("NL", "nl"),
        &["Rotterdam", "Utrecht", "’s-Hertogenbosch"],
        &["Emma", "小龙", "Daan", "婉婷", "Noor", "Sjoerd", "浩然", "Joris"],
        &["van den Berg", "李", "de Vries", "王", "IJzerman", "陈", "Bakker", "张"],
    ),
    place(
        ("ES", "es"),
        &["Sevilla", "Málaga", "A Coruña", "Donostia"],
        &["Fátima", "Íñigo", "Lucía", "José", "Begoña", "Álvaro", "Itziar", "Nuria"],
        &["Núñez", "García Márquez", "Peña", "Ibáñez", "Güell", "Ortiz", "Etxeberria", "Castaño"],
    ),
    place(
        ("AT", "ar"),
        &["Wien", "Graz", "Linz"],
        &["أحمد", "ليلى", "يوسف", "مريم", "Johanna", "كريم", "سارة", "Matthias"],
        &["النجار", "حداد", "المصري", "منصور", "Höllerer", "عبد الله", "الخطيب", "Gruber"],
    ),
    place(
        ("GB", "en"),
        &["London", "Leeds", "Llandudno", "Leicester", "Manchester", "Inverness"],
        &["Priya", "Kofi", "Siân", "Oliver", "Zainab", "Angharad", "आरव", "Chidi", "Maricel", "Hamish"],
        &["शर्मा", "Mensah", "Llewellyn", "Smith-Jones", "Okonkwo", "Patel", "Dela Cruz", "Adeyemi", "MacLeod", "वर्मा"],
    ),
    place(
        ("JP", "ja"),
        &["大阪", "東京", "札幌", "那覇"],
        &["結衣", "翔太", "さくら", "ゆうき", "ケン", "美咲", "陽菜", "大輔"],
        &["田中", "佐藤", "鈴木", "髙橋", "渡邊", "山本", "中村", "比嘉"],
    ),
    place(
        ("PL", "pl"),
        &["Kraków", "Łódź", "Wrocław", "Warszawa"],
        &["Łukasz", "Олена", "Małgorzata", "Тарас", "Zbigniew", "Соломія", "Żaneta", "Богдан"],
        &["Wiśniewski", "Шевченко", "Źródlak", "Коваленко", "Dąbrowska", "Бойко", "Wójcik", "Мельник"],
    ),
    place(
        ("BE", "fr"),
        &["Liège", "Gent", "Namur"],
        &["Kwame", "Margaux", "Ama", "Thibaut", "Yaw", "Chloé", "Abena", "Wout"],
        &["Osei", "Janssens", "Boateng", "Dubois", "Asante", "Peeters", "Owusu", "Lambert"],
    ),
    place(
        ("GR", "el"),
        &["Αθήνα", "Πάτρα", "Χανιά"],
        &["Γιώργος", "Ελένη", "Νίκος", "Σοφία", "Άννα", "Δημήτρης", "Μαρία", "Ηλίας"],
        &["Παπαδόπουλος", "Οικονόμου", "Γεωργίου", "Βλάχου", "Ζαΐμης", "Ρήγα", "Καραγιάννη", "Αγγέλου"],
    ),
    place(
        ("TR", "tr"),
        &["İstanbul", "İzmir", "Muğla"],
        &["Ayşe", "Çağrı", "Işıl", "Ömer", "Gülşen", "Şule", "Barış", "Eylül"],
        &["Yıldız", "Öztürk", "Çelik", "Doğan", "Şahin", "Aydın", "Güneş", "Koç"],
    ),
    place(
        ("PT", "pt"),
        &["Lisboa", "Porto", "Évora"],
        &["João", "Inês", "Thaís", "Gonçalo", "Conceição", "Caio", "Beatriz", "Simão"],
        &["Magalhães", "Assunção", "Araújo", "Brandão", "Leitão", "Figueirôa", "Nóbrega", "Simões"],
    ),
    place(
        ("IT", "it"),
        &["Milano", "Forlì", "Bolzano"],
        &["Niccolò", "Giulia", "Mattia", "Noemi", "Samir", "Ilaria", "Desirée", "Ettore"],
        &["D’Angelo", "Rossetti", "Bianchini", "Lo Presti", "Cantù", "Ferri", "Haddad", "De Santis"],
    ),
    place(
        ("NO", "nb"),
        &["Tromsø", "Ålesund", "Oslo"],
        &["Åse", "Øyvind", "Máret", "Bjørg", "Sindre", "Ingeborg"],
        &["Bakkejord", "Ødegård", "Sømme", "Utsi", "Nygård", "Lund"],
    ),
    place(
        ("SE", "sv"),
        &["Stockholm", "Malmö", "Umeå"],
        &["Åsa", "Björn", "Maj-Britt", "Örjan", "Leyla", "Göran", "Tuva", "Hussein"],
        &["Sjöberg", "Åkesson", "Öhman", "Lindqvist", "Al-Amin", "Hällström", "Ek", "Forsgren"],
    ),
    place(
        ("FI", "fi"),
        &["Helsinki", "Jyväskylä", "Rovaniemi"],
        &["Päivi", "Eero", "Åke", "Sanna-Kaisa", "Väinö", "Aino"],
        &["Hämäläinen", "Mäkelä", "Sjöblom", "Pöysti", "Kivelä", "Laine"],
    ),
    place(
        ("EE", "et"),
        &["Tallinn", "Tartu", "Võru"],
        &["Ülle", "Priit", "Õnne", "Jüri", "Анна", "Kätlin"],
        &["Põld", "Tamm", "Mägi", "Соколова", "Kõiv", "Õunapuu"],
    ),
    place(
        ("LV", "lv"),
        &["Rīga", "Liepāja", "Cēsis"],
        &["Jānis", "Līga", "Ģirts", "Ķirsis", "Agnese", "Дмитрий"],
        &["Bērziņš", "Kalniņa", "Ozoliņš", "Šķēle", "Петрова", "Zariņa"],
    ),
    place(
        ("CZ", "cs"),
        &["Praha", "Brno", "České Budějovice"],
        &["Jiří", "Kateřina", "Ondřej", "Zdeňka", "Václav", "Nikola"],
        &["Dvořáčková", "Říha", "Šťastný", "Hořejší", "Kučerová", "Němec"],
    ),
    place(
        ("HU", "hu"),
        &["Budapest", "Győr", "Szeged"],
        &["Ágnes", "Győző", "Zsófia", "Ödön", "Réka", "Bálint"],
        &["Szőke", "Kövér", "Fekete", "Bíró", "Hegedűs", "Törőcsik"],
    ),
    place(
        ("CH", "de"),
        &["Zürich", "Genève", "Bellinzona"],
        &["Urs", "Heidi", "Léonie", "Reto", "Sandro", "Annegret"],
        &["Bäggli", "Zgraggen", "Rochat", "Bernasconi", "Hürlimann", "Wyss"],
    ),
    place(
        ("RO", "ro"),
        &["București", "Iași", "Brașov"],
        &["Ștefan", "Ioana", "Mărioara", "Răzvan", "Timea", "Florin"],
        &["Țăranu", "Popescu", "Năstase", "Bălan", "Kovács", "Dănilă"],
    ),
    place(
        ("BG", "bg"),
        &["София", "Пловдив", "Варна"],
        &["Георги", "Цветелина", "Юлиан", "Щилияна", "Мария", "Явор"],
        &["Димитров", "Желязкова", "Чолаков", "Ангелова", "Йовков", "Стоянова"],
    ),
    place(
        ("US", "en"),
        &["New York", "San José", "Yonkers"],
        &["Guadalupe", "DeShawn", "Mei-Ling", "Tyler", "Oksana", "José"],
        &["Hernández", "Washington", "Chen", "O’Connell", "Kovalchuk", "Rivera"],
    ),
    place(
        ("AU", "en"),
        &["Sydney", "Wagga Wagga", "Hobart"],
        &["Lachlan", "Kirra", "Thi Mai", "Matilda", "Arjun", "Sione"],
        &["McAllister", "Nguyen", "Fifita", "Singh", "Papadakis", "Brown"],
    ),
];

/// The visitor of a number, through a link of an agent in this country.
pub fn person(random: &mut Random, agents_country: &str, number: u64) -> Option<Person> {
    let neighbour = PLACES.iter().find(|place| place.country == agents_country);
    let place = match neighbour {
        Some(place) if random.percent(NEIGHBOURS) => place,
        _ => random.one(&PLACES)?,
    };
    let phone = phone(random, place.country).filter(|_| random.percent(WITH_PHONE));
    Some(Person {
        first_name: random.one(place.first_names)?,
        last_name: random.one(place.last_names)?,
        country: place.country,
        city: random.one(place.cities)?,
        language: place.language,
        email: format!("visitor{number}@{}", random.one(&DOMAINS)?),
        phone,
    })
}
