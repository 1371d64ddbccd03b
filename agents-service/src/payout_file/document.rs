//! A customer credit transfer of SEPA, pain.001.001.09: what it says, and its XML. The order of the elements is the schema's.

use std::fmt;

use contract::clock::{Day, Moment};
use quick_xml::escape::escape;
use rust_decimal::Decimal;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
/// In the place of a BIC that is not known.
const NOT_PROVIDED: &str = "NOTPROVIDED";

/// One payment order: the company pays its agents.
#[derive(Clone, Debug, PartialEq)]
pub struct PainFile {
    pub message_id: String,
    pub created_at: Moment,
    pub execution_day: Day,
    pub debtor: Party,
    pub transfers: Vec<Transfer>,
    /// Whether a payee's unknown BIC is written as not provided, and not left out: banks differ.
    pub names_unknown_bic: bool,
}

/// Who pays or is paid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    pub name: String,
    pub iban: String,
    pub bic: Option<String>,
    pub address: Option<Address>,
}

/// An address, as far as banks need it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    pub postal_code: String,
    pub town: String,
    /// Two letters of ISO 3166.
    pub country: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transfer {
    pub end_to_end_id: String,
    /// In euro.
    pub amount: Decimal,
    pub creditor: Party,
    /// What the payee reads.
    pub text: String,
}

/// An element of XML.
enum Element {
    Text(&'static str, String),
    /// With an attribute of its start tag.
    Marked(&'static str, &'static str, String),
    Parent(&'static str, Vec<Self>),
}

fn text(name: &'static str, text: impl Into<String>) -> Element {
    Element::Text(name, text.into())
}

fn parent(name: &'static str, children: impl Into<Vec<Element>>) -> Element {
    Element::Parent(name, children.into())
}

impl fmt::Display for Element {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(name, text) => writeln!(formatter, "<{name}>{}</{name}>", escape(text)),
            Self::Marked(name, mark, text) => writeln!(formatter, "<{name} {mark}>{}</{name}>", escape(text)),
            Self::Parent(name, children) => {
                writeln!(formatter, "<{name}>")?;
                for child in children {
                    child.fmt(formatter)?;
                }
                writeln!(formatter, "</{name}>")
            }
        }
    }
}

impl PainFile {
    /// The sum of all transfers.
    pub fn total(&self) -> Decimal {
        self.transfers.iter().map(|transfer| transfer.amount).sum()
    }

    pub fn to_xml(&self) -> String {
        let content = parent("CstmrCdtTrfInitn", [self.header(), self.payment()]);
        format!("{DECLARATION}\n<Document xmlns=\"{NAMESPACE}\">\n{content}</Document>\n")
    }

    fn sums(&self) -> [Element; 2] {
        [text("NbOfTxs", self.transfers.len().to_string()), text("CtrlSum", cents(self.total()))]
    }

    fn header(&self) -> Element {
        let [number, sum] = self.sums();
        let created_at = self.created_at.to_string();
        // To the second, without a zone's offset.
        let created_at = created_at.get(..19).unwrap_or(&created_at);
        let who = parent("InitgPty", [text("Nm", &self.debtor.name)]);
        parent("GrpHdr", [text("MsgId", &self.message_id), text("CreDtTm", created_at), number, sum, who])
    }

    fn payment(&self) -> Element {
        let Party { name, bic, .. } = &self.debtor;
        let [number, sum] = self.sums();
        let mut children = vec![
            text("PmtInfId", &self.message_id),
            text("PmtMtd", "TRF"),
            number,
            sum,
            parent("PmtTpInf", [parent("SvcLvl", [text("Cd", "SEPA")])]),
            parent("ReqdExctnDt", [text("Dt", self.execution_day.to_string())]),
            parent("Dbtr", [text("Nm", name)]),
            self.debtor.account("DbtrAcct"),
            parent("DbtrAgt", [institution(bic.as_deref())]),
            text("ChrgBr", "SLEV"),
        ];
        children.extend(self.transfers.iter().map(|transfer| self.transfer(transfer)));
        parent("PmtInf", children)
    }

    fn transfer(&self, transfer: &Transfer) -> Element {
        let Transfer { end_to_end_id, amount, creditor, text: note } = transfer;
        let mut children = vec![
            parent("PmtId", [text("EndToEndId", end_to_end_id)]),
            parent("Amt", [Element::Marked("InstdAmt", "Ccy=\"EUR\"", cents(*amount))]),
        ];
        if creditor.bic.is_some() || self.names_unknown_bic {
            children.push(parent("CdtrAgt", [institution(creditor.bic.as_deref())]));
        }
        let mut payee = vec![text("Nm", &creditor.name)];
        payee.extend(creditor.address.as_ref().map(Address::element));
        children.extend([parent("Cdtr", payee), creditor.account("CdtrAcct"), parent("RmtInf", [text("Ustrd", note)])]);
        parent("CdtTrfTxInf", children)
    }
}

impl Party {
    fn account(&self, name: &'static str) -> Element {
        parent(name, [parent("Id", [text("IBAN", &self.iban)])])
    }
}

impl Address {
    fn element(&self) -> Element {
        let Self { postal_code, town, country } = self;
        let postal_code = Some(postal_code).filter(|code| !code.is_empty()).map(|code| text("PstCd", code));
        let children = postal_code.into_iter().chain([text("TwnNm", town), text("Ctry", country)]);
        parent("PstlAdr", children.collect::<Vec<_>>())
    }
}

fn institution(bic: Option<&str>) -> Element {
    let id = match bic {
        Some(bic) => text("BICFI", bic),
        None => parent("Othr", [text("Id", NOT_PROVIDED)]),
    };
    parent("FinInstnId", [id])
}

/// With two decimals at least; an amount with more keeps them, and is found by the check.
fn cents(amount: Decimal) -> String {
    let mut amount = amount;
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string()
}

#[cfg(test)]
pub mod samples {
    use super::*;

    /// One transfer of 10.50 and one of 1.00, each as a bank takes it.
    pub fn file() -> PainFile {
        let creditor = Party {
            name: "Muller + Sohne (GmbH)".to_owned(),
            iban: "DE89370400440532013000".to_owned(),
            bic: None,
            address: None,
        };
        let address = Address { postal_code: "N1".to_owned(), town: "London".to_owned(), country: "GB".to_owned() };
        let abroad = Party {
            name: "Zoe O'Hara".to_owned(),
            iban: "GB82WEST12345698765432".to_owned(),
            bic: Some("WESTGB22".to_owned()),
            address: Some(address),
        };
        let transfer = |id: &str, cents, creditor| Transfer {
            end_to_end_id: id.to_owned(),
            amount: Decimal::new(cents, 2),
            creditor,
            text: "Commission".to_owned(),
        };
        PainFile {
            message_id: "m-1".to_owned(),
            created_at: Moment::parse("2026-11-27T09:30:00.25Z").unwrap(),
            execution_day: "2026-11-30".parse().unwrap(),
            debtor: Party {
                name: "Harbour Telecom".to_owned(),
                iban: "NL91ABNA0417164300".to_owned(),
                bic: Some("ABNANL2A".to_owned()),
                address: None,
            },
            transfers: vec![transfer("e-1", 1050, creditor), transfer("e-2", 100, abroad)],
            names_unknown_bic: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    /// The texts of a document, each with its path below the root and the attributes of its element.
    fn texts(xml: &str) -> Vec<String> {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = true;
        let (mut path, mut found, mut text) = (Vec::new(), Vec::new(), String::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    let tag = String::from_utf8(start.to_vec()).unwrap();
                    path.push(tag);
                    text.clear();
                }
                Event::Text(part) => text.push_str(&part.decode().unwrap()),
                Event::GeneralRef(name) => text.extend(["&", &name.decode().unwrap(), ";"]),
                Event::End(_) => {
                    if !text.trim().is_empty() {
                        found.push(format!("{} {text}", path[2..].join("/")));
                    }
                    text.clear();
                    path.pop();
                }
                Event::Eof => break,
                Event::Decl(_) => {}
                other => panic!("{other:?}"),
            }
        }
        assert!(path.is_empty());
        found
    }

    /// The elements of pain.001.001.09 in the order of its schema.
    #[test]
    fn a_file_has_the_elements_of_the_schema_in_their_order() {
        let xml = samples::file().to_xml();
        assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
        assert!(xml.contains("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">"));
        assert_eq!(
            texts(&xml),
            [
                "GrpHdr/MsgId m-1",
                "GrpHdr/CreDtTm 2026-11-27T09:30:00",
                "GrpHdr/NbOfTxs 2",
                "GrpHdr/CtrlSum 11.50",
                "GrpHdr/InitgPty/Nm Harbour Telecom",
                "PmtInf/PmtInfId m-1",
                "PmtInf/PmtMtd TRF",
                "PmtInf/NbOfTxs 2",
                "PmtInf/CtrlSum 11.50",
                "PmtInf/PmtTpInf/SvcLvl/Cd SEPA",
                "PmtInf/ReqdExctnDt/Dt 2026-11-30",
                "PmtInf/Dbtr/Nm Harbour Telecom",
                "PmtInf/DbtrAcct/Id/IBAN NL91ABNA0417164300",
                "PmtInf/DbtrAgt/FinInstnId/BICFI ABNANL2A",
                "PmtInf/ChrgBr SLEV",
                "PmtInf/CdtTrfTxInf/PmtId/EndToEndId e-1",
                "PmtInf/CdtTrfTxInf/Amt/InstdAmt Ccy=\"EUR\" 10.50",
                "PmtInf/CdtTrfTxInf/Cdtr/Nm Muller + Sohne (GmbH)",
                "PmtInf/CdtTrfTxInf/CdtrAcct/Id/IBAN DE89370400440532013000",
                "PmtInf/CdtTrfTxInf/RmtInf/Ustrd Commission",
                "PmtInf/CdtTrfTxInf/PmtId/EndToEndId e-2",
                "PmtInf/CdtTrfTxInf/Amt/InstdAmt Ccy=\"EUR\" 1.00",
                "PmtInf/CdtTrfTxInf/CdtrAgt/FinInstnId/BICFI WESTGB22",
                "PmtInf/CdtTrfTxInf/Cdtr/Nm Zoe O&apos;Hara",
                "PmtInf/CdtTrfTxInf/Cdtr/PstlAdr/PstCd N1",
                "PmtInf/CdtTrfTxInf/Cdtr/PstlAdr/TwnNm London",
                "PmtInf/CdtTrfTxInf/Cdtr/PstlAdr/Ctry GB",
                "PmtInf/CdtTrfTxInf/CdtrAcct/Id/IBAN GB82WEST12345698765432",
                "PmtInf/CdtTrfTxInf/RmtInf/Ustrd Commission",
            ]
        );
    }

    #[test]
    fn an_unknown_bic_is_left_out_or_named_as_not_provided() {
        let file = PainFile { names_unknown_bic: true, ..samples::file() };
        let named = "PmtInf/CdtTrfTxInf/CdtrAgt/FinInstnId/Othr/Id NOTPROVIDED";
        assert_eq!(texts(&file.to_xml()).iter().filter(|text| *text == named).count(), 1);
        let debtor = Party { bic: None, ..file.debtor };
        let file = PainFile { debtor, names_unknown_bic: false, ..file };
        let xml = file.to_xml();
        assert!(!xml.contains("<BICFI></BICFI>"));
        assert!(texts(&xml).contains(&"PmtInf/DbtrAgt/FinInstnId/Othr/Id NOTPROVIDED".to_owned()));
    }

    #[test]
    fn texts_are_never_markup() {
        let mut file = samples::file();
        file.transfers[0].creditor.name = "</Nm><Nm>&'\"".to_owned();
        let texts = texts(&file.to_xml());
        assert!(texts.iter().any(|text| text.ends_with("Nm &lt;/Nm&gt;&lt;Nm&gt;&amp;&apos;&quot;")), "{texts:?}");
    }
}
