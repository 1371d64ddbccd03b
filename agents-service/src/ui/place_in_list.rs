//! Where a page is in its list. A list is read on from a cursor, so the link of a page keeps the cursors of the pages before it: that is
//! the way back.

pub use crate::listing::MAX_COUNTED;
use crate::ui::page_query::{LIST_LIMIT, PageQuery};
use crate::ui::reader;

/// Pages that the way back has. Before them, it leads to the first.
const LONGEST_WAY: usize = 12;
const BEFORE: &str = "before";
const WAY: &str = "way";
const SIZE: &str = "size";

/// The place of a page in its list.
#[derive(Clone, Debug)]
pub struct PlaceInList {
    /// Rows on a page.
    pub size: usize,
    /// Rows on the pages before.
    before: usize,
    /// The cursors of the pages before; that of the first is empty.
    way: Vec<String>,
    /// The cursor of the page.
    after: String,
}

impl Default for PlaceInList {
    fn default() -> Self {
        Self { size: LIST_LIMIT, before: 0, way: Vec::new(), after: String::new() }
    }
}

type Parameters = Vec<(&'static str, String)>;

impl PlaceInList {
    pub fn of(query: &PageQuery) -> Self {
        Self {
            size: query.limit(),
            before: query.parsed(BEFORE).unwrap_or_default(),
            way: query.all(WAY).map(str::to_owned).collect(),
            after: query.text("after").unwrap_or_default(),
        }
    }

    /// The first page, with so many rows.
    pub fn first_of(size: usize) -> Self {
        Self { size, ..Self::default() }
    }

    /// The parameters that every page of the list keeps.
    pub fn kept(&self) -> Parameters {
        let size = (self.size != LIST_LIMIT).then(|| (SIZE, self.size.to_string()));
        size.into_iter().collect()
    }

    /// The parameters of the page behind `after`.
    pub fn next(&self, after: &str, shown: usize) -> Parameters {
        let way = self.way.iter().chain([&self.after]);
        let way = way.skip((self.way.len() + 1).saturating_sub(LONGEST_WAY));
        self.parameters(after, self.before.saturating_add(shown), way)
    }

    /// The parameters of the page before this one; `None` on the first.
    pub fn previous(&self) -> Option<Parameters> {
        if self.after.is_empty() {
            return None;
        }
        let Some((last, way)) = self.way.split_last() else { return Some(self.kept()) };
        let before = if last.is_empty() { 0 } else { self.before.saturating_sub(self.size) };
        Some(self.parameters(last, before, way.iter()))
    }

    fn parameters<'a>(&self, after: &str, before: usize, way: impl Iterator<Item = &'a String>) -> Parameters {
        let after = Some(after).filter(|after| !after.is_empty()).map(|after| ("after", after.to_owned()));
        let before = Some(before).filter(|before| *before > 0).map(|before| (BEFORE, before.to_string()));
        let way = way.map(|cursor| (WAY, cursor.clone()));
        self.kept().into_iter().chain(after).chain(before).chain(way).collect()
    }

    /// Which rows the page has, and of how many: "51 to 100 of 304".
    pub fn extent(&self, shown: usize, is_last: bool, total: Option<u64>) -> String {
        let number = |count: usize| reader::number(&count.to_string());
        let end = self.before.saturating_add(shown);
        let rows = format!("{} to {}", number(self.before.saturating_add(1).min(end)), number(end));
        if is_last {
            return format!("{rows} of {}", number(end));
        }
        match total.and_then(|total| usize::try_from(total).ok()) {
            None => rows,
            Some(total) if total > MAX_COUNTED => format!("{rows} of more than {}", number(MAX_COUNTED)),
            // Rows may be gone since the pages before were read.
            Some(total) => format!("{rows} of {}", number(total.max(end))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(parameters: &Parameters) -> PlaceInList {
        let value = |name| parameters.iter().filter(move |(found, _)| *found == name).map(|(_, value)| value.clone());
        PlaceInList {
            size: LIST_LIMIT,
            before: value(BEFORE).next().map_or(0, |before| before.parse().unwrap()),
            way: value(WAY).collect(),
            after: value("after").next().unwrap_or_default(),
        }
    }

    #[test]
    fn the_way_back_is_the_way_that_was_gone() {
        let mut places = vec![PlaceInList::default()];
        for page in 1..=LONGEST_WAY {
            let next = places.last().unwrap().next(&format!("cursor {page}"), LIST_LIMIT);
            places.push(at(&next));
        }
        for pair in places.windows(2).rev() {
            let back = at(&pair[1].previous().unwrap());
            assert_eq!((&back.after, back.before, &back.way), (&pair[0].after, pair[0].before, &pair[0].way));
        }
        assert!(places[0].previous().is_none());
    }

    #[test]
    fn far_from_the_beginning_the_way_back_is_cut() {
        let mut place = PlaceInList::default();
        for page in 0..LONGEST_WAY + 5 {
            place = at(&place.next(&page.to_string(), LIST_LIMIT));
        }
        for _ in 0..LONGEST_WAY {
            place = at(&place.previous().unwrap());
        }
        assert!(place.before > 0);
        place = at(&place.previous().unwrap());
        assert_eq!((place.before, place.after.as_str()), (0, ""));
    }

    #[test]
    fn a_page_tells_which_rows_of_how_many_it_has() {
        let place = PlaceInList { before: 50, ..PlaceInList::default() };
        assert_eq!(place.extent(50, false, Some(304)), "51 to 100 of 304");
        assert_eq!(place.extent(50, false, Some(10_001)), "51 to 100 of more than 10000");
        assert_eq!(place.extent(50, false, None), "51 to 100");
        assert_eq!(place.extent(4, true, None), "51 to 54 of 54");
        assert_eq!(place.extent(50, false, Some(7)), "51 to 100 of 100");
        assert_eq!(PlaceInList::default().extent(1, true, None), "1 to 1 of 1");
    }
}
