"""What the lists of rooms, people and messages have in common."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, flash, request, stream_with_context
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_admin.model.base import ViewArgs
from flask_admin.tools import rec_getattr
from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Query

from multichat.admin.export import lines
from multichat.admin.filters import Filter
from multichat.admin.page import Page
from multichat.database import Base, db
from multichat.models import NotFound, Refused
from multichat.models.room import ID_LIMIT

# Far beyond what anybody leafs to, and within what a database can skip.
PAGES_LIMIT = 100_000
SEARCH_LIMIT = 100


class Panel(Page, ModelView):
    """One kind of record: its list, its CSV, and the pages of one record.

    Flask-Admin lists, searches, filters, sorts and pages. It does not write: its own routes for that go around the
    features, so none of them is here, and each panel exposes its own.
    """

    page_size = 50
    can_create = can_edit = can_delete = False
    form = form_base_class = FlaskForm
    column_filters: Sequence[Filter] = ()

    create_view = edit_view = delete_view = details_view = None
    action_view = action_delete = None
    ajax_lookup = ajax_update = None

    def __init__(self, model: type[Base], name: str, endpoint: str, url: str, icon: str) -> None:
        super().__init__(model, db, name=name, endpoint=endpoint, url=url, menu_icon_value=icon)

    def matches(self, term: str) -> ColumnElement[bool]:
        """Whether a record has this word, or this part of one."""
        raise NotImplementedError

    @expose("/export/<export_type>/")
    def export(self, export_type: str) -> Response:
        if export_type != "csv":
            raise NotFound
        disposition = f"attachment; filename={self.url.rpartition('/')[2]}.csv"
        return Response(
            stream_with_context(lines(self)), mimetype="text/csv", headers={"Content-Disposition": disposition}
        )

    def export_columns(self) -> list[tuple[str, str]]:
        columns: list[tuple[str, str]] = self._export_columns
        return columns

    def export_value(self, record: Any, column: str) -> Any:
        return rec_getattr(record, column)

    def export_batch(self, after_id: int, limit: int) -> list[Any]:
        """The next records of the filtered list, by id."""
        asked = self._get_list_extra_args()
        query, *_ = self._apply_search(self.get_query(), None, {}, {}, asked.search or "")
        query, *_ = self._apply_filters(query, None, {}, {}, asked.filters)
        return list(query.filter(self.model.id > after_id).order_by(self.model.id).limit(limit))

    def get_one(self, id: str | None) -> Any:
        """The record of that id. Raises `NotFound`, also for one that the list leaves out."""
        number = int(id) if id and id.isascii() and id.isdigit() and len(id) < 11 else 0
        record = self.get_query().filter(self.model.id == number).one_or_none() if 0 < number < ID_LIMIT else None
        if record is None:
            raise NotFound
        return record

    def asked_for(self) -> Any:
        """The record that the address names. Raises `NotFound`."""
        return self.get_one(request.args.get("id"))

    def attempt(self, act: Callable[[int], None], record: Any) -> bool:
        """Do it, or say why not."""
        try:
            act(record.id)
        except Refused as refusal:
            flash(str(refusal), "refused")
            return False
        return True

    def get_sortable_columns(self) -> dict[str, Any]:
        self._sortable_joins: dict[str, Any] = {}
        return dict(self.column_sortable_list)

    # From here on: Flask-Admin's own steps from the address to the query and back.

    def _get_list_extra_args(self) -> ViewArgs:
        """What the address asks for, without what it must not: whatever else it says would become a part of links."""
        column = self._get_column_by_idx(request.args.get("sort", type=int))
        sortable = column is not None and self.is_sortable(column[0])
        return ViewArgs(
            page=min(max(request.args.get("page", 0, type=int), 0), PAGES_LIMIT),
            sort=request.args.get("sort", type=int) if sortable else None,
            sort_desc=bool(request.args.get("desc")),
            search=request.args.get("search", "").replace("\0", "").strip()[:SEARCH_LIMIT],
            filters=self._get_list_filter_args(),
        )

    def _get_list_filter_args(self) -> list[tuple[int, str, str]]:
        filters = []
        for index, control in enumerate(self.column_filters):
            value = request.args.get(control.argument, "").replace("\0", "").strip()[:SEARCH_LIMIT]
            if value and control.validate(value):
                filters.append((index, control.name, value))
        return filters

    def _get_filters(self, filters: Sequence[tuple[int, str, str]] | None) -> dict[str, str]:
        return {self.column_filters[index].argument: value for index, _, value in filters or ()}

    def _get_list_url(self, view_args: ViewArgs) -> str:
        url: str = self.get_url(
            ".index_view",
            search=view_args.search or None,
            **self._get_filters(view_args.filters),
            sort=view_args.sort,
            desc=1 if view_args.sort_desc else None,
            page=view_args.page or None,
        )
        return url

    def _apply_search(
        self, query: "Query[Any]", count_query: "Query[Any] | None", joins: Any, count_joins: Any, search: str
    ) -> tuple["Query[Any]", "Query[Any] | None", Any, Any]:
        """Every word must be there. Flask-Admin's own would take `%` and `_` for wildcards."""
        for term in search.split():
            query = query.filter(self.matches(term))
            if count_query is not None:
                count_query = count_query.filter(self.matches(term))
        return query, count_query, joins, count_joins

    def _apply_sorting(
        self, query: "Query[Any]", joins: Any, sort_column: str | None, sort_desc: bool
    ) -> tuple["Query[Any]", Any]:
        query, joins = super()._apply_sorting(query, joins, sort_column, sort_desc)
        # Pages of equals would else overlap.
        return query.order_by(self.model.id), joins

    def _apply_pagination(self, query: "Query[Any]", page: int | None, page_size: int | None) -> "Query[Any]":
        # One more than the page shows: whether there is a next page needs no counting.
        return query.limit(self.page_size + 1).offset((page or 0) * self.page_size)
