// The pages are whole without this file. It mends three small things when scripts run.

// The language form comes back to the address the reader sees, also after htmx changed it.
document.addEventListener("submit", (event) => {
  const next = event.target.elements.namedItem("next");
  if (next) next.value = location.pathname + location.search;
});

// When a part cannot be fetched, go to the whole page: the browser then says what is wrong.
// Without suggestions the reader goes on typing.
for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(name, (event) => {
    if (event.detail.target.id === "suggestions") return;
    location.assign(event.detail.pathInfo.finalRequestPath);
  });
}

// Browsers without ::details-content cannot show the filters beside the results by style alone.
if (!CSS.supports("selector(::details-content)")) {
  const open = () => {
    const filters = document.querySelector(".narrow");
    if (filters && matchMedia("(min-width: 60rem)").matches) filters.open = true;
  };
  document.addEventListener("htmx:afterSettle", open);
  open();
}
