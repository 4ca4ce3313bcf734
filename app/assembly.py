"""Puts the application together: settings, database, queue, panel, pages, commands."""

from __future__ import annotations

from flask import Flask
from flask_appbuilder import AppBuilder
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from app import db
from app.backup.guard import init_guard
from app.celery_init import init_celery
from app.cli import init_cli
from app.error_pages import init_error_pages
from app.fabmongo.security.manager import SecurityManager
from app.fabmongo.security.signin import SIGN_IN
from app.fabmongo.setup import init_fabmongo, init_links
from app.formats import FORMATS
from app.headers import init_headers
from app.health import init_health
from app.host_gate import HostGate
from app.language import init_language
from app.log_filter import install_log_filter
from app.monitoring.counting import count_sign_in
from app.monitoring.fault_reports import init_fault_reports
from app.monitoring.requests import init_request_monitor
from app.monitoring.setup import init_metrics, init_worker_monitoring
from app.monitoring.tracing import init_tracing
from app.patience import PAGES, Patience, init_bounded_writes
from app.schema_guard import init_schema_guard
from app.services.background import count_halted
from app.subpath import init_subpath
from app.translations import init_translations
from app.views import register_views
from app.views.background import init_background_lines
from app.views.home import HomeView
from app.views.menu import init_menu


def assemble(settings: config.Settings, patience: Patience = PAGES) -> Flask:
    """A Flask application with everything joined to it; connects lazily, asks nothing yet."""
    install_log_filter()
    app = Flask("app")
    app.config.from_mapping(settings.flask_config())
    app.extensions["lec_settings"] = settings
    app.wsgi_app = HostGate(app.wsgi_app, settings.trusted_hosts)  # type: ignore[method-assign]
    init_bounded_writes(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    init_subpath(app, settings.public_url)
    init_fault_reports(settings)
    init_tracing(app, settings)
    init_metrics(app, settings, count_halted)
    SIGN_IN.connect(_count_sign_in)
    db.connect(settings, patience)
    init_worker_monitoring(init_celery(app), settings)
    init_guard(app)
    init_headers(app)
    init_language(app)
    init_translations(app)
    init_fabmongo(app, FORMATS)
    _init_panel(app)
    init_error_pages(app)
    init_health(app)
    init_schema_guard(app)
    init_cli(app)
    init_request_monitor(app)
    return app


def _count_sign_in(sender: object, result: str) -> None:
    count_sign_in(result)


def _init_panel(app: Flask) -> None:
    """Flask-AppBuilder with LEC's views, menu and people."""
    with app.app_context():
        appbuilder = AppBuilder(indexview=HomeView, security_manager_class=SecurityManager)
        appbuilder.init_app(app, None)
        register_views(appbuilder)
        init_links(app)
        init_menu(app, appbuilder)
        init_background_lines(app)
