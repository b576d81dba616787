//! Lines that grow, as SVG.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;

use super::Report;

/// What could not be drawn.
type Drawing = std::result::Result<(), Box<dyn std::error::Error>>;

/// One line: what it is, and its points.
struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

const SIZE: (u32, u32) = (720, 400);

/// What colour-blind readers tell apart, too (Okabe and Ito's palette).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(80, 80, 80),
];

/// The chart of a report's points; nothing where it has none. Both axes are logarithmic where that shows more.
///
/// # Errors
/// When the text cannot be laid out.
pub(super) fn svg(report: &Report, axis: &str) -> std::result::Result<Option<String>, Box<dyn std::error::Error>> {
    let lines = lines(report);
    let Some((xs, ys)) = ranges(&lines) else { return Ok(None) };
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let grows = |(low, high): (f64, f64)| high / low > 20.0;
        let from_zero = |(_, high): (f64, f64)| 0.0..high * 1.1;
        let spread = |(low, high): (f64, f64)| (low / 1.2..high * 1.2).log_scale();
        match (grows(xs), grows(ys)) {
            (true, true) => draw(&area, &lines, axis, spread(xs), spread(ys))?,
            (true, false) => draw(&area, &lines, axis, spread(xs), from_zero(ys))?,
            (false, true) => draw(&area, &lines, axis, from_zero(xs), spread(ys))?,
            (false, false) => draw(&area, &lines, axis, from_zero(xs), from_zero(ys))?,
        }
        area.present()?;
    }
    Ok(Some(text))
}

fn lines(report: &Report) -> Vec<Line> {
    let points = report.rows.iter().filter_map(|row| row.point.clone().map(|(line, x)| (line, x, row.added.median)));
    points.fold(Vec::new(), |mut lines: Vec<Line>, (name, x, y)| {
        // On a logarithmic axis nothing is free.
        let point = (x, y.max(0.1));
        match lines.iter_mut().find(|line| line.name == name) {
            Some(line) => line.points.push(point),
            None => lines.push(Line { name, points: vec![point] }),
        }
        lines
    })
}

/// The lowest and the highest of both axes.
fn ranges(lines: &[Line]) -> Option<((f64, f64), (f64, f64))> {
    let range = |of: fn(&(f64, f64)) -> f64| {
        let values = || lines.iter().flat_map(|line| line.points.iter().map(of));
        Some((values().reduce(f64::min)?, values().reduce(f64::max)?))
    };
    Some((range(|point| point.0)?, range(|point| point.1)?))
}

fn draw<X, Y>(area: &DrawingArea<SVGBackend<'_>, Shift>, lines: &[Line], axis: &str, xs: X, ys: Y) -> Drawing
where
    X: AsRangedCoord<Value = f64>,
    Y: AsRangedCoord<Value = f64>,
    X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let mut chart = ChartBuilder::on(area).margin(16).x_label_area_size(40).y_label_area_size(60).build_cartesian_2d(xs, ys)?;
    chart.configure_mesh().x_desc(axis).y_desc("added µs of a worker").light_line_style(TRANSPARENT).draw()?;
    for (line, colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        let points = || line.points.iter().copied();
        chart.draw_series(points().map(|point| Circle::new(point, 3, colour.filled())))?;
        let series = chart.draw_series(LineSeries::new(points(), colour.stroke_width(2)))?;
        series.label(&line.name).legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    let position = SeriesLabelPosition::UpperLeft;
    chart.configure_series_labels().position(position).background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.3)).draw()?;
    Ok(())
}
