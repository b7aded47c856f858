//! The title of a panel and the labels of its axes.

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
