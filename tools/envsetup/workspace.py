# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Build the interface packages of ``ros_ws`` with colcon, once per change."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from .paths import INSTALL, SITE, VENV, VENV_PYTHON, WORKSPACE
from .run import run, say

STAMP = INSTALL / '.restage-workspace'
# Paths of the machine the wheels were built on, baked into their CMake files.
TAG = f'cp{sys.version_info.major}{sys.version_info.minor}'
BAKED = f'/opt/python/{TAG}-{TAG}'


def _digest(packages: list[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for package in packages:
        for path in sorted(package.rglob('*')):
            if path.is_file():
                digest.update(str(path.relative_to(package)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _has_vision_msgs() -> bool:
    prefixes = os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)
    return any((Path(prefix) / 'share' / 'vision_msgs').is_dir() for prefix in prefixes if prefix)


def _numpy_include() -> str:
    code = 'import numpy; print(numpy.get_include())'
    return subprocess.check_output([VENV_PYTHON, '-c', code], text=True).strip()


def mend_wheel_paths() -> None:
    """Point the CMake files of the ROS wheels at this environment instead of their builder's."""
    version = f'python{sys.version_info.major}.{sys.version_info.minor}'
    include = sysconfig.get_path('include')
    numpy_include = _numpy_include()
    for path in (VENV / 'share').glob('*/cmake/*.cmake'):
        text = path.read_text()
        if BAKED not in text:
            continue
        text = text.replace(
            f'{BAKED}/lib/{version}/site-packages/numpy/_core/include', numpy_include
        )
        path.write_text(text.replace(f'{BAKED}/include/{version}', include))


def hook_into_venv() -> None:
    """
    Let every Python of ``.venv`` find the built packages without sourcing anything.

    The file sorts before the wheels' own bootstrapper, which re-executes Python with the
    library path it finds in the environment.
    """
    code = (
        f'import os; p, v = {str(INSTALL)!r}, {str(VENV)!r}; '
        "a = os.environ.get('AMENT_PREFIX_PATH', ''); "
        "p in a.split(':') or os.environ.update("
        "AMENT_PREFIX_PATH=':'.join(filter(None, [p, v, a])), "
        "LD_LIBRARY_PATH=':'.join(filter(None, [p + '/lib', os.environ.get('LD_LIBRARY_PATH')])))"
    )
    pth = VENV / SITE / 'aa_restage_workspace.pth'
    pth.write_text(f'{INSTALL / SITE}\n{code}\n')


def build_workspace(*, system_ros: bool) -> None:
    """Build ``restage_msgs``, and ``vision_msgs`` where the real one is absent."""
    packages = [WORKSPACE / 'src' / 'restage_msgs']
    if not (system_ros and _has_vision_msgs()):
        packages.append(WORKSPACE / 'underlay' / 'vision_msgs')
    digest = _digest(packages)
    if STAMP.exists() and STAMP.read_text() == digest:
        say('ros_ws/install is up to date')
        if not system_ros:
            hook_into_venv()  # .venv may be newer
        return
    names = ', '.join(package.name for package in packages)
    say(f'building {names} with colcon (about 20 s)')
    for name in ('build', 'install', 'log'):
        shutil.rmtree(WORKSPACE / name, ignore_errors=True)
    environment = dict(os.environ)
    if not system_ros:
        mend_wheel_paths()
        environment['PATH'] = f'{VENV / "bin"}{os.pathsep}{environment["PATH"]}'
        environment['AMENT_PREFIX_PATH'] = environment['CMAKE_PREFIX_PATH'] = str(VENV)
    colcon = str(VENV / 'bin' / 'colcon') if not system_ros else 'colcon'
    cmake_args = ['-DBUILD_TESTING=OFF', f'-DPython3_EXECUTABLE={VENV_PYTHON}']
    run(
        [
            colcon,
            'build',
            '--merge-install',
            '--base-paths',
            *packages,
            '--cmake-args',
            *cmake_args,
        ],
        env=environment,
        cwd=WORKSPACE,
    )
    if not system_ros:
        hook_into_venv()
    STAMP.write_text(digest)
