//! A chart of days as SVG, drawn by the server: how many a day. Knows nothing of what is counted.

use plotters::coord::ranged1d::IntoSegmentedCoord as _;
use plotters::prelude::{ChartBuilder, IntoDrawingArea, IntoFont, RGBColor, Rectangle, SVGBackend};
use plotters::style::Color as _;

const SIZE: (u32, u32) = (1_000, 260);
const BARS: RGBColor = RGBColor(11, 92, 173);
const INK: RGBColor = RGBColor(86, 98, 114);

/// A chart could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("a chart could not be drawn")]
pub struct Undrawable;

/// Bars for days: each with its label and its count.
pub fn bars(days: &[(String, u64)]) -> Result<String, Undrawable> {
    let mut svg = String::new();
    draw(&mut svg, days).map_err(|_| Undrawable)?;
    Ok(svg)
}

fn draw(svg: &mut String, days: &[(String, u64)]) -> Result<(), Box<dyn std::error::Error>> {
    let highest = days.iter().map(|(_, count)| *count).max().unwrap_or(0).max(4);
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(48)
        .build_cartesian_2d((0..days.len().max(1)).into_segmented(), 0..highest + highest / 10)?;
    let name = |place: &plotters::prelude::SegmentValue<usize>| match place {
        plotters::prelude::SegmentValue::CenterOf(day) => {
            days.get(*day).map_or(String::new(), |(label, _)| label.get(5..).unwrap_or(label).to_owned())
        }
        _ => String::new(),
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(INK.mix(0.0))
        .bold_line_style(INK.mix(0.25))
        .axis_style(INK)
        .x_labels(10)
        .y_labels(5)
        .x_label_formatter(&name)
        .label_style(("sans-serif", 15).into_font().color(&INK))
        .draw()?;
    let bars = days.iter().enumerate().map(|(day, (_, count))| {
        let (left, right) =
            (plotters::prelude::SegmentValue::Exact(day), plotters::prelude::SegmentValue::Exact(day + 1));
        let mut bar = Rectangle::new([(left, 0), (right, *count)], BARS.filled());
        bar.set_margin(0, 0, 3, 3);
        bar
    });
    chart.draw_series(bars)?;
    drop(chart);
    area.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_a_bar_for_each_day_and_no_style_that_a_strict_policy_forbids() {
        let days: Vec<_> = (1..31).map(|day| (format!("2026-01-{day:02}"), day)).collect();
        let svg = bars(&days).unwrap();
        assert!(svg.starts_with("<svg") && svg.matches("#0B5CAD").count() >= 30, "{svg}");
        assert!(!svg.contains("style=") && !svg.contains("<script"));
        assert!(bars(&[]).unwrap().contains("<svg"));
    }
}
