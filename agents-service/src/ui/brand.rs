//! The company's name, colour and logo above the pages.

use contract::colour::Colour;
use event_store::sql::{Database, SqlError};

use crate::settings;
use crate::ui::assets;

/// What stands above the pages of a company without a name.
const PRODUCT: &str = "Signpost";

#[derive(Clone, Debug)]
pub struct Brand {
    /// The company's name, else the product's.
    pub name: String,
    /// The path of the stylesheet of the company's colour.
    pub colour_path: Option<String>,
    pub logo_path: Option<String>,
}

impl Brand {
    /// The company's.
    pub async fn get(database: &Database) -> Result<Self, SqlError> {
        let brand = settings::queries::brand(database).await?;
        let colour = brand.colour.strip_prefix('#').and_then(Colour::of_digits);
        Ok(Self {
            name: if brand.name.is_empty() { PRODUCT.to_owned() } else { brand.name },
            colour_path: colour.map(assets::colour_path),
            logo_path: brand.logo_version.map(assets::logo_path),
        })
    }
}
