//! A bar chart of days as SVG, drawn by the server.

use std::iter::successors;

/// Size of the plot that the template places into the chart.
const WIDTH: usize = 928;
const HEIGHT: u64 = 208;
/// Space between bars.
const GAP: usize = 3;
/// The lowest count at the top of the plot.
const LOWEST_TOP: u64 = 4;
/// Most intervals between the gridlines.
const MAX_INTERVALS: u64 = 5;
/// Most days that have a label.
const MAX_LABELS: usize = 10;
/// Width of a label and the space beside it.
const LABEL_WIDTH: usize = 50;

/// The content of `chart.svg`.
pub struct Chart {
    pub lines: Vec<Line>,
    pub bars: Vec<Bar>,
}

impl Chart {
    /// A bar for each day: its label and its count.
    pub fn of_days(days: &[(String, u64)]) -> Self {
        let highest = days.iter().map(|(_, count)| *count).max().unwrap_or(0).max(LOWEST_TOP);
        let step = step(highest);
        let intervals = highest.div_ceil(step);
        let line = |number| Line { y: HEIGHT - number * HEIGHT / intervals, count: number * step };
        // Counted from the last day, so that it always has a label; the first has one where there is room.
        let every = days.len().div_ceil(MAX_LABELS).max(1);
        let before = days.len().saturating_sub(1) % every;
        let has_room = before * WIDTH / days.len().max(1) >= LABEL_WIDTH;
        let is_labelled = |number: usize| number % every == before || number == 0 && has_room;
        let bars = days.iter().enumerate().map(|(number, (day, count))| {
            let (left, right) = (number * WIDTH / days.len(), (number + 1) * WIDTH / days.len());
            Bar {
                x: left + GAP,
                width: (right - left).saturating_sub(2 * GAP),
                center: left.midpoint(right),
                height: count * HEIGHT / (intervals * step),
                day: day.get(5..).unwrap_or(day).to_owned(),
                is_labelled: is_labelled(number),
                count: *count,
            }
        });
        Self { lines: (0..=intervals).map(line).collect(), bars: bars.collect() }
    }
}

/// A gridline, and the count that it stands for.
pub struct Line {
    pub y: u64,
    pub count: u64,
}

/// The bar of one day.
pub struct Bar {
    pub x: usize,
    pub width: usize,
    pub center: usize,
    pub height: u64,
    /// Without its year.
    pub day: String,
    pub is_labelled: bool,
    pub count: u64,
}

impl Bar {
    /// The top of the bar.
    pub fn y(&self) -> u64 {
        HEIGHT - self.height
    }
}

/// The interval between gridlines: 1, 2 or 5 times a power of ten.
fn step(highest: u64) -> u64 {
    let powers = successors(Some(1_u64), |power| power.checked_mul(10));
    let mut steps = powers.flat_map(|power| [1, 2, 5].map(|factor| factor * power));
    steps.find(|step| step * MAX_INTERVALS >= highest).unwrap_or(highest)
}

#[cfg(test)]
mod tests {
    use askama::Template;

    use super::*;

    #[derive(Template)]
    #[template(path = "chart.svg")]
    struct Drawn {
        chart: Chart,
    }

    fn drawn(days: &[(String, u64)]) -> String {
        Drawn { chart: Chart::of_days(days) }.render().unwrap()
    }

    #[test]
    fn a_chart_has_a_bar_for_each_day_and_no_style_that_a_strict_policy_forbids() {
        let days: Vec<_> = (1..31).map(|day| (format!("2026-01-{day:02}"), day)).collect();
        let svg = drawn(&days);
        assert!(svg.starts_with("<svg") && svg.matches("#0B5CAD").count() >= 30, "{svg}");
        assert!(!svg.contains("style=") && !svg.contains("<script"));
        assert!(drawn(&[]).contains("<svg"));
    }

    #[test]
    fn gridlines_stand_for_round_counts() {
        for (highest, expected) in [(4, 1), (5, 1), (6, 2), (26, 10), (251, 100)] {
            assert_eq!(step(highest), expected, "{highest}");
        }
    }

    #[test]
    fn bars_are_as_high_as_their_gridline_and_the_last_day_has_a_label() {
        let days: Vec<_> = (1..31).map(|day| (format!("2026-01-{day:02}"), day % 11)).collect();
        let svg = drawn(&days);
        assert!(svg.contains("<title>01-10: 10</title>") && svg.contains(">01-30</text>"), "{svg}");
        assert_eq!(svg.matches("height=\"208\"").count(), 2, "{svg}");
        assert!(svg.contains(">01-01</text>") && !drawn(&days[..29]).contains(">01-01</text>"), "{svg}");
    }
}
