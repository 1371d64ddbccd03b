//! All texts in Arabic, which is written from right to left.
//! Which of them is shown where is known elsewhere.

use super::{Elements, Faults, General, Labels, Outcome, Outcomes, Words};

const ASK: &str = "يرجى طلب رابط جديد من الشخص أو الموقع الذي حصلت منه على الرابط.";
const LATER: &str = "يرجى المحاولة مرة أخرى لاحقًا.";
const CHECK: &str = "يرجى التحقق من الرابط، أو سؤال الشخص أو الموقع الذي حصلت منه عليه.";

/// The texts.
pub static WORDS: Words = Words {
    general: General {
        sign_up: "تسجيل",
        sign_up_for: "التسجيل في {plan}",
        offered_by: "عرض مقدَّم من {agent}.",
        takes_a_minute: "لن يستغرق ذلك سوى دقيقة تقريبًا.",
        call_plan: "خطة المكالمات",
        partner: "الشريك",
        about_you: "بياناتك",
        company_details: "شركتك",
        address: "عنوانك",
        preferences: "تفضيلاتك",
        more_details: "بيانات إضافية",
        optional: "اختياري",
        for_example: "مثال: {example}",
        terms: "الشروط",
        terms_wording: "نص الشروط",
        agree: "أوافق على الشروط.",
        agree_to_version: "أوافق على الشروط (الإصدار {version}).",
        trap: "اترك هذا الحقل فارغًا",
        error: "خطأ",
        check_fields: "يرجى التحقق من هذه الحقول",
        form_changed: "تغيّر النموذج في هذه الأثناء. يرجى مراجعته وإرساله مرة أخرى.",
        sent_before: "سبق إرسال هذا النموذج ببيانات أخرى، والمعتمد هو ما أُرسل أولًا. لا ترسله مرة أخرى إلا إذا أردت تسجيل عميل آخر.",
        signed_up: "تم تسجيلك",
        welcome: "شكرًا لك، وأهلًا بك.",
        customer_number: "رقم العميل الخاص بك",
        keep_number: "يرجى الاحتفاظ بهذا الرقم، فسيُطلب منك كلما تواصلت معنا.",
        what_you_can_use: "ما يمكنك استخدامه",
        language: "اللغة",
        nothing_here: "لا يوجد شيء هنا",
        nothing_here_explained: "رابط التسجيل أطول من هذا العنوان. يرجى التأكد من نسخه كاملًا.",
        not_arrived: "لم تنجح العملية",
        not_arrived_explained: "لم يصل النموذج كما أُرسل. يرجى الرجوع وإرساله مرة أخرى.",
        too_large: "النص أطول من اللازم",
        too_large_explained: "ما أُرسل أطول مما يقبله هذا النموذج. يرجى الرجوع واختصاره.",
        too_fast: "لحظة من فضلك",
        too_fast_explained: "كان ذلك سريعًا بعض الشيء. يرجى المحاولة مرة أخرى بعد دقيقة.",
        unavailable: "يرجى المحاولة بعد قليل",
        unavailable_explained: "التسجيل غير ممكن في الوقت الحالي. لم يُفقد شيء: يرجى المحاولة مرة أخرى.",
        went_wrong: "حدث خطأ ما",
        went_wrong_explained: "لم يكن من المفترض أن يحدث ذلك. يرجى المحاولة مرة أخرى.",
        help_number: "إذا طلبت المساعدة، فيرجى ذكر هذا الرقم:",
    },
    labels: Labels {
        first_name: "الاسم الأول",
        last_name: "اسم العائلة",
        email: "البريد الإلكتروني",
        phone: "رقم الهاتف",
        company: "الشركة",
        address: "الشارع ورقم المبنى",
        city: "المدينة",
        state: "المحافظة أو المنطقة",
        country: "البلد",
        postal_code: "الرمز البريدي",
        language: "اللغة",
        time_zone: "المنطقة الزمنية",
        currency: "العملة",
        vat_number: "الرقم الضريبي",
    },
    faults: Faults {
        required: "يرجى ملء هذا الحقل.",
        too_long: "يرجى ألا يزيد النص على {limit} حرفًا.",
        control_character: "يرجى إزالة فواصل الأسطر وأحرف التحكم.",
        unreadable: "تعذّرت قراءة بعض الأحرف. يرجى الكتابة مرة أخرى.",
        not_an_email: "يرجى إدخال بريد إلكتروني صحيح مثل name@example.org.",
        not_a_currency: "يرجى إدخال رمز عملة من ثلاثة أحرف لاتينية كبيرة مثل EUR.",
        not_a_language: "يرجى إدخال رمز لغة مثل ar أو pt-BR.",
        not_agreed: "يرجى الموافقة على الشروط.",
        outdated: "تغيّرت الشروط. يرجى قراءتها من جديد والموافقة عليها.",
    },
    elements: Elements {
        password: "تغيير كلمة المرور",
        sip_iax: "إعدادات هاتف SIP أو IAX الخاص بك",
        call_history: "سجل مكالماتك",
        payment_history: "سجل مدفوعاتك",
        voucher: "القسائم",
        invoices: "الفواتير",
        did: "أرقام هواتفك الخاصة",
        speed_dial: "الاتصال السريع",
        ratecard: "أسعار المكالمات",
        simulator: "حساب تكلفة المكالمة",
        callback: "معاودة الاتصال",
        caller_id: "إظهار رقم المتصل",
        support: "الدعم",
        notification: "الإشعارات",
        autodialer: "الاتصال الآلي",
        personal_info: "بياناتك الشخصية",
        recording: "تسجيلات مكالماتك",
    },
    outcomes: Outcomes {
        unknown: Outcome {
            heading: "لا نعرف هذا الرابط",
            explanation: "لا يوجد عرض في هذا العنوان. ربما ينقص حرف أو كُتب حرف خطأً.",
            advice: CHECK,
        },
        revoked: Outcome {
            heading: "لم يعد هذا الرابط صالحًا", explanation: "تم سحب الرابط.", advice: ASK
        },
        paused: Outcome {
            heading: "هذا الرابط غير مستخدم حاليًا",
            explanation: "التسجيل هنا متوقف مؤقتًا.",
            advice: LATER,
        },
        not_started: Outcome {
            heading: "لم يبدأ هذا العرض بعد",
            explanation: "لقد جئت مبكرًا: يُفتح التسجيل لاحقًا.",
            advice: LATER,
        },
        ended: Outcome {
            heading: "انتهى هذا العرض", explanation: "انتهت مدة التسجيل هنا.", advice: ASK
        },
        exhausted: Outcome {
            heading: "اكتملت جميع الأماكن",
            explanation: "كان هذا العرض محدودًا، ولم يبقَ فيه أي مكان.",
            advice: ASK,
        },
        agent_suspended: Outcome {
            heading: "التسجيل غير ممكن حاليًا",
            explanation: "الشريك صاحب هذا الرابط لا يقبل عملاء جددًا في الوقت الحالي.",
            advice: LATER,
        },
        agent_closed: Outcome {
            heading: "لم يعد هذا الرابط صالحًا",
            explanation: "الشريك صاحب هذا الرابط لم يعد يقبل عملاء جددًا.",
            advice: ASK,
        },
        plan_retired: Outcome {
            heading: "لم تعد خطة المكالمات هذه متاحة",
            explanation: "تم سحب خطة المكالمات الخاصة بهذا الرابط.",
            advice: ASK,
        },
        grant_withdrawn: Outcome {
            heading: "لم تعد خطة المكالمات هذه متاحة هنا",
            explanation: "الشريك صاحب هذا الرابط لا يبيع خطة المكالمات هذه.",
            advice: ASK,
        },
        group_not_agents: Outcome {
            heading: "لم يعد هذا الرابط صالحًا",
            explanation: "تغيّر العرض الخاص بهذا الرابط منذ إنشائه.",
            advice: ASK,
        },
    },
};
