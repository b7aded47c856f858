//! The title of a panel and the labels of its axes.

use crate::PanelKind;
use crate::axis::Axis;

/// The title of a panel and the labels of its axes; each may be empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Labels {
    pub title: String,
    pub x: String,
    pub y: String,
}

impl Labels {
    pub(crate) fn new(title: impl Into<String>, x: &str, y: &str) -> Self {
        Labels { title: title.into(), x: x.to_string(), y: y.to_string() }
    }
}

/// The texts beside the x and the y axis of a panel: the labels, with a remark on their scales.
pub(crate) fn axis_texts(panel: &dyn PanelKind, [x, y]: &[Axis; 2]) -> [String; 2] {
    let Labels { x: across, y: up, .. } = panel.labels();
    let remark = |axis: &Axis| if matches!(axis, Axis::Log { .. }) { "log scale" } else { "" };
    let [of_x, of_y] = [remark(x), remark(y)];
    [with_remark(across, if of_x.is_empty() { panel.remark() } else { of_x }), with_remark(up, of_y)]
}

fn with_remark(label: &str, remark: &str) -> String {
    match (label, remark) {
        (label, "") => label.to_owned(),
        ("", _) => String::new(),
        (label, remark) => format!("{label} ({remark})"),
    }
}

/// The methods of a panel that set the labels of its axes.
macro_rules! axis_labels {
    () => {
        /// Sets the text under the x axis.
        #[must_use]
        pub fn x_label(mut self, label: impl Into<String>) -> Self {
            self.labels.x = label.into();
            self
        }

        /// Sets the text beside the y axis; if all panels have the same text, it is shown once per row.
        #[must_use]
        pub fn y_label(mut self, label: impl Into<String>) -> Self {
            self.labels.y = label.into();
            self
        }
    };
}
pub(crate) use axis_labels;
