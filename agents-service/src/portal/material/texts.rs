//! Sentences to advertise with, in the languages of the signup pages. `{name}` is the company, `{url}` the agent's signup URL.

/// The sentences of a language.
pub struct Language {
    pub tag: &'static str,
    /// The language's own name.
    pub name: &'static str,
    pub direction: &'static str,
    pub texts: [&'static str; 3],
}

pub static LANGUAGES: [Language; 6] = [
    Language {
        tag: "en",
        name: "English",
        direction: "ltr",
        texts: [
            "Sign up with {name} here: {url}",
            "Phone with {name}. Sign up online in a few minutes: {url}",
            "Questions? Ask us. To sign up with {name}, open {url} or scan the QR code.",
        ],
    },
    Language {
        tag: "es",
        name: "Español",
        direction: "ltr",
        texts: [
            "Regístrese con {name} aquí: {url}",
            "Llame con {name}. Regístrese en línea en pocos minutos: {url}",
            "¿Tiene preguntas? Consúltenos. Para registrarse con {name}, abra {url} o escanee el código QR.",
        ],
    },
    Language {
        tag: "fr",
        name: "Français",
        direction: "ltr",
        texts: [
            "Inscrivez-vous chez {name} ici : {url}",
            "Téléphonez avec {name}. Inscrivez-vous en ligne en quelques minutes : {url}",
            "Des questions ? Demandez-nous. Pour vous inscrire chez {name}, ouvrez {url} ou scannez le code QR.",
        ],
    },
    Language {
        tag: "de",
        name: "Deutsch",
        direction: "ltr",
        texts: [
            "Hier bei {name} anmelden: {url}",
            "Telefonieren Sie mit {name}. Melden Sie sich in wenigen Minuten online an: {url}",
            "Fragen? Sprechen Sie uns an. Um sich bei {name} anzumelden, öffnen Sie {url} oder scannen Sie den QR-Code.",
        ],
    },
    Language {
        tag: "pt",
        name: "Português",
        direction: "ltr",
        texts: [
            "Inscreva-se com {name} aqui: {url}",
            "Telefone com {name}. Inscreva-se online em poucos minutos: {url}",
            "Dúvidas? Fale conosco. Para se inscrever com {name}, abra {url} ou leia o código QR.",
        ],
    },
    Language {
        tag: "ar",
        name: "العربية",
        direction: "rtl",
        texts: [
            "سجّل مع {name} من هنا: {url}",
            "اتصل مع {name}. سجّل عبر الإنترنت في بضع دقائق: {url}",
            "هل لديك أسئلة؟ اسألنا. للتسجيل مع {name} افتح {url} أو امسح رمز QR.",
        ],
    },
];
