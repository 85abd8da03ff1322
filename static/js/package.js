// Starts the download that was waited for, once: a reload of the page does not start it again.

const link = document.querySelector("[data-download-now]");

if (link) {
  const address = new URL(window.location.href);
  address.searchParams.delete("download");
  window.history.replaceState(null, "", address);
  link.click();
}
