/** Say what went wrong where the server's errors are said. */
export function tellError(text) {
  const error = document.createElement("p");
  error.className = "error";
  error.role = "alert";
  error.textContent = text;
  document.querySelector("error-list").append(error);
}
