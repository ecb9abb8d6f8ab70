#include "kernels/stream_kernels.h"

const struct stream_kernels *stream_kernels_for(cpu_feature_set have)
{
    for (size_t i = 0; i + 1 < stream_kernels_count; i++)
        if (cpu_features_include(have, stream_kernels[i].needs))
            return &stream_kernels[i];
    return &stream_kernels[stream_kernels_count - 1];
}
