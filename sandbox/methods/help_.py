"""help.*, langpack.* and the few account.* calls that clients make while connecting."""

from __future__ import annotations

from typing import Any

from sandbox.rpc import Call, method
from sandbox.tl import functions, types


@method(functions.help.GetConfigRequest, public=True)
def get_config(call: Call) -> Any:
    """``config`` with both data centres at their real ports (borrowed senders look them up here)."""
    ports = call.server.ports
    return types.Config(
        date=call.now,
        expires=call.now + 3600,
        test_mode=False,
        this_dc=call.connection.dc,
        dc_options=[
            types.DcOption(id=dc, ip_address="127.0.0.1", port=port, static=True) for dc, port in ports.items()
        ],
        dc_txt_domain_name="sandbox.invalid",
        chat_size_max=200,
        megagroup_size_max=200_000,
        forwarded_count_max=100,
        online_update_period_ms=210_000,
        offline_blur_timeout_ms=5_000,
        offline_idle_timeout_ms=30_000,
        online_cloud_timeout_ms=300_000,
        notify_cloud_delay_ms=30_000,
        notify_default_delay_ms=1_500,
        push_chat_period_ms=60_000,
        push_chat_limit=2,
        edit_time_limit=172_800,
        revoke_time_limit=2**31 - 1,
        revoke_pm_time_limit=2**31 - 1,
        rating_e_decay=2_419_200,
        stickers_recent_limit=200,
        channels_read_media_period=604_800,
        call_receive_timeout_ms=20_000,
        call_ring_timeout_ms=90_000,
        call_connect_timeout_ms=30_000,
        call_packet_timeout_ms=10_000,
        me_url_prefix="https://t.me/",
        caption_length_max=1024,
        message_length_max=4096,
        webfile_dc_id=4,
    )


@method(functions.help.GetNearestDcRequest, public=True)
def get_nearest_dc(call: Call) -> Any:
    """The home data centre."""
    return types.NearestDc(country="UZ", this_dc=call.connection.dc, nearest_dc=call.server.home_dc)


@method(functions.help.GetAppConfigRequest, public=True)
def get_app_config(_call: Call) -> Any:
    """An empty client configuration."""
    return types.help.AppConfig(hash=0, config=types.JsonObject(value=[]))


@method(functions.help.GetCdnConfigRequest, public=True)
def get_cdn_config(_call: Call) -> Any:
    """No CDN."""
    return types.CdnConfig(public_keys=[])


@method(functions.account.UpdateStatusRequest)
def update_status(_call: Call) -> Any:
    """Accepted and forgotten."""
    return True
