# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""ament_python package restage."""

from pathlib import Path

from setuptools import find_packages, setup

NAME = 'restage'


def files(pattern: str) -> list[str]:
    """Return the files of ``pattern``, relative to this folder as setuptools wants them."""
    return sorted(str(path) for path in Path().glob(pattern))


setup(
    name=NAME,
    version='0.1.0',
    description='Fault-tolerant camera perception for ROS 2',
    license='Apache-2.0',
    maintainer='The Restage Authors',
    maintainer_email='maintainers@restage.dev',
    packages=find_packages('src'),
    package_dir={'': 'src'},
    package_data={
        NAME: [
            'py.typed',
            'dashboard/static/*',
            'detector/weights/*',
            'sampling/classifier/weights/*',
        ]
    },
    data_files=[
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (f'share/{NAME}', ['package.xml']),
        (f'share/{NAME}/launch', files('launch/*.launch.py')),
        (f'share/{NAME}/config', files('config/*.*')),
        (f'share/{NAME}/samples/short', files('samples/short/*')),
        (f'share/{NAME}/config/scenarios', files('config/scenarios/*.yaml')),
        (f'share/{NAME}/config/security', files('config/security/*.xml')),
        (f'share/{NAME}/config/models', files('config/models/*')),
    ],
    python_requires='>=3.10',
    install_requires=['setuptools'],
    # See docs/models.md, and for `restage study` docs/study.md; on a Jetson they come from
    # elsewhere, see docker/README.md.
    extras_require={
        'gpu': ['onnxruntime-gpu'],
        'tensorrt': ['tensorrt>=8.5', 'onnxruntime'],
        'torchvision': ['torchvision'],
        'openvino': ['openvino'],
        'ncnn': ['ncnn'],
        'litert': ['ai-edge-litert'],
        'metrics': ['prometheus_client'],
        # The first release of its kind that needs no torchvision; what it makes is compared.
        'gradients': ['onnx2fx==0.0.1; python_version >= "3.11"'],
        'study': ['openvino', 'ncnn', 'ai-edge-litert'],
    },
    zip_safe=False,
    entry_points={
        'console_scripts': [
            'restage = restage.cli:main',
            'camera_node = restage.nodes.camera_node:main',
            'detection_node = restage.nodes.detection_node:main',
            'recovery_node = restage.nodes.recovery_node:main',
            'injector_node = restage.nodes.injector_node:main',
            'recorder_node = restage.nodes.recorder_node:main',
            'fault_proxy_node = restage.nodes.fault_proxy_node:main',
            'dashboard_node = restage.nodes.dashboard_node:main',
        ],
    },
)
