//! The texts around a panel.

/// Title, and what the axes show; each may be empty.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Labels {
    pub title: String,
    pub x: String,
    pub y: String,
}

impl Labels {
    pub(super) fn new(title: impl Into<String>, x: &str, y: &str) -> Self {
        Labels { title: title.into(), x: x.to_string(), y: y.to_string() }
    }
}

/// The builder methods that set the labels of the axes.
macro_rules! axis_labels {
    () => {
        /// The panel with this text under its x axis.
        #[must_use]
        pub fn x_label(mut self, label: impl Into<String>) -> Self {
            self.labels.x = label.into();
            self
        }

        /// The panel with this text beside its y axis; panels that share it show it once a row.
        #[must_use]
        pub fn y_label(mut self, label: impl Into<String>) -> Self {
            self.labels.y = label.into();
            self
        }
    };
}
pub(super) use axis_labels;
