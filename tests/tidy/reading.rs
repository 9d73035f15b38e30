//! A source file as the rules see it: which names it takes, where its tests are, which modules it declares.
//!
//! ```text
//! use crate::{sip::{uri::Uri, *}, acd as queue};   crate::sip::uri::Uri · crate::sip::* · crate::acd
//! queue::Engine::new()                             crate::acd::Engine::new
//! write!(out, "{}", super::x())                    crate::<the room>::x
//! ```
//!
//! Names are resolved by the imports of the file, whatever scope they stand in: that can only see too much. Not seen
//! is what has no path: a method, and a name that came through a `use` of everything of another crate.

use proc_macro2::{Spacing, Span, TokenStream, TokenTree};
use syn::{
    Attribute, Item, Macro, Meta, UseTree,
    spanned::Spanned as _,
    visit::{self, Visit},
};

use crate::names::{Names, absolute};

/// What one file says, as far as a rule asks.
#[derive(Debug, Default)]
pub(crate) struct Code {
    /// Every path, written out from `crate` or from the name of another crate.
    pub(crate) taken: Vec<Taken>,
    /// Modules that stand in files of their own.
    pub(crate) modules: Vec<Module>,
    pub(crate) tests: Vec<Name>,
    /// Why the file could not be read.
    pub(crate) fault: Option<String>,
}

/// One path.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    /// From its first name on; `*` is last where all is taken, a macro's name ends in `!`, a method's begins with `.`.
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    pub(crate) in_test: bool,
}

#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) path: Vec<String>,
    pub(crate) in_test: bool,
}

#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// `src/sip/header/via.rs` is the module `crate::sip::header::via`.
pub(crate) fn module_of(path: &str) -> Vec<String> {
    let inner = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    let mut names: Vec<String> = vec!["crate".into()];
    names.extend(inner.split('/').map(str::to_owned));
    if matches!(names.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        names.pop();
    }
    names
}

/// Reads a file, which is a whole module.
pub(crate) fn read(path: &str, text: &str) -> Code {
    let file = match syn::parse_file(text) {
        Ok(file) => file,
        Err(fault) => return Code { fault: Some(fault.to_string()), ..Code::default() },
    };
    let mut reader = Reader { module: module_of(path), ..Reader::default() };
    // A file may be a test as a whole.
    reader.in_test = is_test_only(&file.attrs);
    reader.visit_file(&file);
    reader.resolved()
}

#[derive(Default)]
struct Reader {
    /// Where we are, inline modules included.
    module: Vec<String>,
    in_test: bool,
    /// As written, with the module each stands in.
    written: Vec<(Vec<String>, Taken)>,
    names: Names,
    code: Code,
}

impl Reader {
    fn take(&mut self, path: Vec<String>, span: Span) {
        let line = span.start().line;
        let taken = Taken { path, line, in_test: self.in_test };
        self.written.push((self.module.clone(), taken));
    }

    /// Everything under `tree`, each with what stands before it.
    fn import(&mut self, before: &[String], tree: &UseTree) {
        match tree {
            UseTree::Path(it) => {
                let before = [before, &[it.ident.to_string()]].concat();
                self.import(&before, &it.tree);
            }
            UseTree::Group(it) => {
                it.items.iter().for_each(|tree| self.import(before, tree));
            }
            UseTree::Glob(it) => {
                self.names.import_all(absolute(&self.module, before), self.in_test);
                self.take([before, &["*".into()]].concat(), it.span());
            }
            UseTree::Name(it) => self.import_one(before, &it.ident, &it.ident),
            UseTree::Rename(it) => self.import_one(before, &it.ident, &it.rename),
        }
    }

    fn import_one(&mut self, before: &[String], name: &syn::Ident, here: &syn::Ident) {
        // `a::{self}` is `a`.
        let (path, here) = match (name == "self", here == "self", before.last()) {
            (true, true, Some(last)) => (before.to_vec(), last.clone()),
            (true, false, Some(_)) => (before.to_vec(), here.to_string()),
            _ => ([before, &[name.to_string()]].concat(), here.to_string()),
        };
        self.names.import(here, absolute(&self.module, &path), self.in_test);
        self.take(path, name.span());
    }

    fn resolved(mut self) -> Code {
        for (module, taken) in std::mem::take(&mut self.written) {
            for path in self.names.meanings(&module, &taken.path, taken.in_test) {
                self.code.taken.push(Taken { path, ..taken });
            }
        }
        self.code
    }

    /// Paths among tokens that nobody parses: the inside of a macro.
    fn tokens(&mut self, tokens: TokenStream, before: &[String]) {
        let all: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = all.get(at) {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream(), before),
                TokenTree::Ident(ident) if is_method(&all, at) => {
                    self.take(vec![format!(".{ident}")], ident.span());
                }
                TokenTree::Ident(ident) => {
                    let first = [before, &[ident.to_string()]].concat();
                    at = self.path_among(&all, at, first, ident.span());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }

    /// Goes along the path whose first name is at `at`, and says where it ends.
    fn path_among(
        &mut self,
        all: &[TokenTree],
        mut at: usize,
        mut path: Vec<String>,
        span: Span,
    ) -> usize {
        while let Some((next, token)) = after_colons(all, at) {
            match token {
                TokenTree::Ident(ident) => path.push(ident.to_string()),
                TokenTree::Punct(it) if it.as_char() == '*' => path.push("*".into()),
                TokenTree::Group(group) => {
                    self.tokens(group.stream(), &path);
                    at = next;
                    break;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => break,
            }
            at = next;
        }
        let called = matches!(all.get(at + 1), Some(TokenTree::Punct(it))
            if it.as_char() == '!' && it.spacing() == Spacing::Alone);
        if let Some(last) = path.last_mut().filter(|_| called) {
            last.push('!');
        }
        self.take(path, span);
        at
    }

    fn within(&mut self, attrs: &[Attribute], read: impl FnOnce(&mut Self)) {
        let before = self.in_test;
        self.in_test |= is_test_only(attrs);
        read(self);
        self.in_test = before;
    }
}

/// Where a path goes on behind the name at `at`.
fn after_colons(all: &[TokenTree], at: usize) -> Option<(usize, &TokenTree)> {
    let is_colon =
        |it: Option<&TokenTree>| matches!(it, Some(TokenTree::Punct(it)) if it.as_char() == ':');
    let goes_on = is_colon(all.get(at + 1)) && is_colon(all.get(at + 2));
    all.get(at + 3).filter(|_| goes_on).map(|token| (at + 3, token))
}

/// Behind one dot; two are a range.
fn is_method(all: &[TokenTree], at: usize) -> bool {
    let is_dot =
        |it: Option<&TokenTree>| matches!(it, Some(TokenTree::Punct(it)) if it.as_char() == '.');
    let before = |steps: usize| at.checked_sub(steps).and_then(|it| all.get(it));
    is_dot(before(1)) && !is_dot(before(2))
}

/// `#[cfg(test)]`, and `#[cfg(all(test, …))]`; `any` and `not` are code that ships.
fn is_test_only(attrs: &[Attribute]) -> bool {
    attrs.iter().filter(|it| it.path().is_ident("cfg")).any(|it| match &it.meta {
        Meta::List(list) => {
            let condition = list.tokens.to_string().replace(' ', "");
            condition == "test"
                || condition.strip_prefix("all(").is_some_and(|it| {
                    it.trim_end_matches(')').split(',').any(|condition| condition == "test")
                })
        }
        Meta::Path(_) | Meta::NameValue(_) => false,
    })
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::ExternCrate(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::ForeignMod(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::TraitAlias(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Union(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        Item::Verbatim(_) | _ => &[],
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_item(&mut self, item: &'a Item) {
        self.within(attributes_of(item), |it| visit::visit_item(it, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        self.within(&item.attrs, |it| visit::visit_impl_item_fn(it, item));
    }

    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        self.module.push(item.ident.to_string());
        self.names.declare(self.module.clone());
        if item.content.is_none() {
            self.code.modules.push(Module { path: self.module.clone(), in_test: self.in_test });
        }
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        let is_test = item
            .attrs
            .iter()
            .any(|it| it.path().segments.last().is_some_and(|it| it.ident == "test"));
        if is_test {
            let text = item.sig.ident.to_string();
            self.code.tests.push(Name { text, line: item.sig.ident.span().start().line });
        }
        visit::visit_item_fn(self, item);
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        self.import(&[], &item.tree);
    }

    fn visit_item_extern_crate(&mut self, item: &'a syn::ItemExternCrate) {
        let name = if item.ident == "self" { "crate".into() } else { item.ident.to_string() };
        if let Some((_, rename)) = &item.rename {
            self.names.import(rename.to_string(), vec![name.clone()], self.in_test);
        }
        self.take(vec![name], item.ident.span());
    }

    fn visit_item_type(&mut self, item: &'a syn::ItemType) {
        // Another name for a type is a name like one that is imported.
        if let syn::Type::Path(of) = &*item.ty {
            let names: Vec<String> =
                of.path.segments.iter().map(|it| it.ident.to_string()).collect();
            let path = absolute(&self.module, &names);
            self.names.import(item.ident.to_string(), path, self.in_test);
        }
        visit::visit_item_type(self, item);
    }

    fn visit_vis_restricted(&mut self, _: &'a syn::VisRestricted) {
        // `pub(super)` gives, and takes nothing.
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names = path.segments.iter().map(|it| it.ident.to_string()).collect();
        self.take(names, path.span());
        visit::visit_path(self, path);
    }

    fn visit_expr_path(&mut self, path: &'a syn::ExprPath) {
        // `<Instant>::now` is `Instant::now`.
        if let Some(syn::Type::Path(of)) = path.qself.as_ref().map(|it| &*it.ty) {
            let names = of.path.segments.iter().chain(&path.path.segments);
            self.take(names.map(|it| it.ident.to_string()).collect(), path.span());
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        self.take(vec![format!(".{}", call.method)], call.method.span());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_signature(&mut self, signature: &'a syn::Signature) {
        if let Some(it) = &signature.asyncness {
            self.take(vec!["async".into()], it.span());
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, it: &'a syn::ExprAsync) {
        self.take(vec!["async".into()], it.async_token.span());
        visit::visit_expr_async(self, it);
    }

    fn visit_expr_closure(&mut self, it: &'a syn::ExprClosure) {
        if let Some(it) = &it.asyncness {
            self.take(vec!["async".into()], it.span());
        }
        visit::visit_expr_closure(self, it);
    }

    fn visit_expr_await(&mut self, it: &'a syn::ExprAwait) {
        self.take(vec![".await".into()], it.await_token.span());
        visit::visit_expr_await(self, it);
    }

    fn visit_macro(&mut self, it: &'a Macro) {
        let mut names: Vec<String> =
            it.path.segments.iter().map(|it| it.ident.to_string()).collect();
        if let Some(last) = names.last_mut() {
            last.push('!');
        }
        self.take(names, it.path.span());
        self.tokens(it.tokens.clone(), &[]);
    }

    fn visit_attribute(&mut self, it: &'a Attribute) {
        visit::visit_attribute(self, it);
        let Meta::List(list) = &it.meta else { return };
        self.tokens(list.tokens.clone(), &[]);
        // `#[serde(with = "crate::api::time")]` takes what it names.
        for token in list.tokens.clone() {
            let TokenTree::Literal(literal) = token else { continue };
            let text = literal.to_string();
            let text = text.trim_matches('"');
            if text.contains("::")
                && let Ok(path) = syn::parse_str::<syn::Path>(text)
            {
                let names = path.segments.iter().map(|it| it.ident.to_string()).collect();
                self.take(names, literal.span());
            }
        }
    }
}
