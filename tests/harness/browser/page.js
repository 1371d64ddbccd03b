// Finds elements by their visible texts, and checks the layout. It runs inside the page, regardless of its content
// security policy, and changes only the values of fields that can't be typed into.

const NOT_TYPED = ["date", "datetime-local", "month", "time", "week", "color", "range"];
const PLACES = "tr, li, article, section, fieldset, details, dialog, nav, form";
const PRESSABLE = "a[href], button, summary, [type=submit], [type=button], [type=reset], [role=button], [role=tab]";

// Without the invisible marks that separate text of two directions.
const plain = (text) => (text ?? "").replace(/[\u2066-\u2069]/g, "").replace(/\s+/g, " ").trim();
const isShown = (element) => element.checkVisibility({ checkVisibilityCSS: true });
const textById = (ids) => (ids ?? "").split(/\s+/).map((id) => plain(document.getElementById(id)?.innerText)).join(" ");
const all = (selector, within = document) => [...within.querySelectorAll(selector)].filter(isShown);

function namesOf(element) {
  const labels = [...(element.labels ?? [])].map((label) => label.innerText);
  const own = element.matches(PRESSABLE) ? [element.innerText, element.type === "submit" ? element.value : ""] : [];
  const names = [...labels, textById(element.getAttribute("aria-labelledby")), element.ariaLabel, ...own];
  return names.map(plain).filter((name) => name !== "");
}

// The only one of that name, or else the only one whose name begins so, as "Phone number (optional)" begins. Links that
// lead to the same place are one.
function one(kind, name, candidates, names = namesOf) {
  for (const fits of [(found) => found === name, (found) => found.startsWith(name)]) {
    const found = candidates.filter((element) => names(element).some(fits));
    if (found.length === 1 || (found[0]?.href && found.every(({ href }) => href === found[0].href))) return found[0];
    if (found.length > 1) throw new Error(`${found.length} times a ${kind} called "${name}"`);
  }
  throw new Error(`no ${kind} called "${name}" among: ${candidates.flatMap(names).join(" | ")}`);
}

const field = (label) => one("field", label, all("input:not([type=hidden]), select, textarea"));

// The smallest part of the page with that text.
function place(text) {
  const found = all(PLACES).filter((element) => plain(element.innerText).includes(text));
  const holdsAnother = (outer) => found.some((inner) => inner !== outer && outer.contains(inner));
  return one("place", text, found.filter((outer) => !holdsAnother(outer)), () => [text]);
}

const button = (name, within) => one("button or link", name, all(PRESSABLE, within ? place(within) : document));
// A link to another page, or a button that sends a form; one in which the browser itself finds a fault is not sent.
const leadsElsewhere = ({ href, type, form }) =>
  (href ? href.split("#")[0] !== location.href.split("#")[0] : type === "submit" && (form.noValidate || form.checkValidity()));
const option = (label, text) => one("option", text, [...field(label).options], (found) => [plain(found.innerText)]);

// Fields with a picker get a whole value; the others are typed into.
function pick(label, value) {
  const found = field(label);
  if (!NOT_TYPED.includes(found.type)) return found;
  found.value = value;
  for (const name of ["input", "change"]) found.dispatchEvent(new Event(name, { bubbles: true }));
  return null;
}

const value = (label) => field(label).value;
const fault = (label) => plain(textById(field(label).getAttribute("aria-describedby")));
const text = () => plain(document.body?.innerText);

// The direction of a field's text, or of the page.
const direction = (label) => getComputedStyle(label ? field(label) : document.documentElement).direction;

// The visible background of a button's name.
const colour = (name) => getComputedStyle(button(name)).backgroundColor;

// Whether there is a picture with this alternative text.
const picture = (told) => all("img").some((found) => found.alt === told && found.complete && found.naturalWidth > 0);

// Whether all of the heading that says this is on the screen: the outermost page's, which alone is the observer's root.
function inView(words, done) {
  const watch = (seen) => { observer.disconnect(); done(seen.every(({ intersectionRatio }) => intersectionRatio > 0.9)); };
  const observer = new IntersectionObserver(watch);
  observer.observe(one("heading", words, all("h1, h2"), (found) => [plain(found.innerText)]));
}

// The focused element, and whether its focus is visible.
function focused() {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const isMarked = style.outlineStyle !== "none" || style.boxShadow !== "none";
  const name = namesOf(element)[0] ?? plain(element.innerText).slice(0, 60);
  return { name, isMarked, isLink: element.matches("a[href]") };
}

// --- layout ---

// Traps for programs, and the link past the menu, which comes into view with the focus.
const isOutOfSight = (element) => element.closest("[aria-hidden=true]") ?? element.matches('a[href^="#"]:not(:focus)');
const called = (element, words) => `${element.tagName.toLowerCase()} "${words.slice(0, 60)}"`;
const hides = (overflow) => overflow === "hidden" || overflow === "clip";
const scrolls = (overflow) => overflow === "auto" || overflow === "scroll";

// Each piece of text with the boxes of its lines.
function pieces() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const [node, element] = [walker.currentNode, walker.currentNode.parentElement];
    if (plain(node.data) === "" || !isShown(element) || isOutOfSight(element) || element.closest("option")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
    if (boxes.length > 0) found.push({ element, words: plain(node.data), boxes });
  }
  return found;
}

function cutOff({ element, words, boxes }, width) {
  for (let outer = element; outer !== document.documentElement; outer = outer.parentElement) {
    const [style, edge] = [getComputedStyle(outer), outer.getBoundingClientRect()];
    // Text for screen readers only has a box of one pixel.
    if (edge.width <= 1 || edge.height <= 1) return [];
    const beside = boxes.some((box) => box.right > edge.right + 1 || box.left < edge.left - 1);
    const below = boxes.some((box) => box.bottom > edge.bottom + 1 || box.top < edge.top - 1);
    const isHidden = (hides(style.overflowX) && beside) || (hides(style.overflowY) && below);
    if (isHidden) return [`${called(element, words)} is cut off`];
    // Scrollable content can be brought into view.
    if (scrolls(style.overflowX) || scrolls(style.overflowY)) return [];
    const isBox = style.display !== "inline" && outer === element;
    if (isBox && beside) return [`${called(element, words)} sticks out of its box`];
  }
  const outside = boxes.some((box) => box.right > width + 1 || box.left < -1);
  return outside ? [`${called(element, words)} is outside the screen`] : [];
}

// Boxes of text are higher than the letters in them, so that a few pixels don't count.
const OVERLAP = 5;
const cross = (one, other) =>
  Math.min(one.right, other.right) - Math.max(one.left, other.left) > OVERLAP &&
  Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > OVERLAP;

// An open menu covers the page on purpose, and so does a bar at the edge of the screen.
function layer({ element }) {
  for (let outer = element; outer; outer = outer.parentElement) {
    if (getComputedStyle(outer).position === "fixed") return outer;
  }
  const opened = element.closest(":popover-open, details[open] > :not(summary)");
  return opened && getComputedStyle(opened).position !== "static" ? opened : null;
}

function overlaps(found) {
  const layers = new Map(found.map((piece) => [piece, layer(piece)]));
  return found.flatMap((one, at) => found.slice(at + 1)
    .filter((other) => layers.get(one) === layers.get(other))
    .filter((other) => one.boxes.some((box) => other.boxes.some((another) => cross(box, another))))
    .map((other) => `${called(one.element, one.words)} and ${called(other.element, other.words)} lie over each other`));
}

// A page with its scripts and styles, as they are sent, without pictures.
const MOST_BYTES = 60_000;
function weight() {
  const isPicture = ({ name, initiatorType }) => initiatorType === "img" || /\.(png|svg|ico)($|\?)/.test(name);
  const sent = ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind));
  const bytes = sent.filter((entry) => !isPicture(entry)).reduce((sum, entry) => sum + entry.encodedBodySize, 0);
  return bytes > MOST_BYTES ? [`the page has ${bytes} bytes, more than ${MOST_BYTES}`] : [];
}

// A desktop has a scroll bar beside the page; a phone shows a page that is too wide as a whole, made smaller.
function layout(screen) {
  const found = pieces();
  const { scrollWidth, clientWidth } = document.documentElement;
  const width = Math.min(screen, clientWidth);
  const tooWide = scrollWidth > width ? [`the page is ${scrollWidth} pixels wide on a screen of ${width}`] : [];
  const missing = performance.getEntriesByType("resource").filter((entry) => entry.responseStatus >= 400);
  const lost = missing.map((entry) => `${entry.name} is not there: ${entry.responseStatus}`);
  const reachable = found.filter(({ element }) => !isInScroller(element));
  return [...tooWide, ...lost, ...weight(), ...found.flatMap((piece) => cutOff(piece, width)), ...overlaps(reachable)];
}

function isInScroller(element) {
  for (let outer = element; outer; outer = outer.parentElement) {
    const style = getComputedStyle(outer);
    if (outer !== document.body && (scrolls(style.overflowX) || scrolls(style.overflowY))) return true;
  }
  return false;
}
