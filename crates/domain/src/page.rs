//! Lists by pages, numbered from 1.

/// Which page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageNumber {
    /// The page of this number, from 1.
    Number(u64),
    /// The last page, whichever that is.
    Last,
}

/// A page that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Which page.
    pub number: PageNumber,
    /// How many items a page has, at least 1.
    pub size: u32,
}

/// Where a page lies in a list of known length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSpan {
    /// The page's number, from 1.
    pub number: u64,
    /// How many items stand before it.
    pub offset: u64,
    /// How many pages there are, at least 1: the first page of nothing is an empty page.
    pub pages: u64,
}

impl PageRequest {
    /// Where the page lies in a list of `count` items, or `None` where there is no such page.
    ///
    /// ```
    /// use raconteur_domain::{PageNumber, PageRequest};
    /// let last = PageRequest { number: PageNumber::Last, size: 20 }.span(45).unwrap();
    /// assert_eq!((last.number, last.offset, last.pages), (3, 40, 3));
    /// assert_eq!(PageRequest { number: PageNumber::Number(4), size: 20 }.span(45), None);
    /// assert!(PageRequest { number: PageNumber::Number(1), size: 20 }.span(0).is_some());
    /// ```
    #[must_use]
    pub fn span(self, count: u64) -> Option<PageSpan> {
        let size = u64::from(self.size.max(1));
        let pages = count.div_ceil(size).max(1);
        let number = match self.number {
            PageNumber::Number(number) => number,
            PageNumber::Last => pages,
        };
        (1..=pages).contains(&number).then(|| PageSpan { number, offset: (number - 1) * size, pages })
    }
}

impl<T> Page<T> {
    /// This page of a list that is all there, or `None` where there is no such page.
    ///
    /// ```
    /// use raconteur_domain::{Page, PageNumber, PageRequest};
    /// let page = Page::of(vec!["a", "b", "c"], PageRequest { number: PageNumber::Last, size: 2 }).unwrap();
    /// assert_eq!((page.items, page.count), (vec!["c"], 3));
    /// ```
    #[must_use]
    pub fn of(list: Vec<T>, request: PageRequest) -> Option<Self> {
        let count = list.len() as u64;
        let span = request.span(count)?;
        let offset = usize::try_from(span.offset).ok()?;
        let items = list.into_iter().skip(offset).take(request.size as usize).collect();
        Some(Self { items, count, span })
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What stands on the page.
    pub items: Vec<T>,
    /// How many items the whole list has.
    pub count: u64,
    /// Where the page lies.
    pub span: PageSpan,
}
