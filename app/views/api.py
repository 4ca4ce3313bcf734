"""LEC's resources for programs, each beside the view of the same name and with its permissions."""

from __future__ import annotations

from app.fabmongo.api.model import MongoModelRestApi
from app.views.agencies import AgencyView
from app.views.areas import DistrictView, ProvinceView
from app.views.imports_api import RosterImportApi
from app.views.lao import LaoView
from app.views.proclamations import ProclamationView
from app.views.rounds import RoundView
from app.views.schools import SchoolView
from app.views.students import StudentView
from app.views.submissions import SubmissionView


class ProvinceApi(MongoModelRestApi):
    view = ProvinceView
    resource_name = "provinces"


class DistrictApi(MongoModelRestApi):
    view = DistrictView
    resource_name = "districts"


class LaoApi(MongoModelRestApi):
    view = LaoView
    resource_name = "laos"


class AgencyApi(MongoModelRestApi):
    view = AgencyView
    resource_name = "agencies"


class SchoolApi(MongoModelRestApi):
    view = SchoolView
    resource_name = "schools"


class StudentApi(MongoModelRestApi):
    view = StudentView
    resource_name = "students"


class RoundApi(MongoModelRestApi):
    view = RoundView
    resource_name = "rounds"


class SubmissionApi(MongoModelRestApi):
    """Read only, as its view is: what a school reports follows from its roster."""

    view = SubmissionView
    resource_name = "submissions"


class ProclamationApi(MongoModelRestApi):
    view = ProclamationView
    resource_name = "proclamations"


RESOURCES = (
    ProvinceApi, DistrictApi, LaoApi, AgencyApi, SchoolApi, StudentApi, RoundApi, SubmissionApi, ProclamationApi,
    RosterImportApi,
)  # fmt: skip
