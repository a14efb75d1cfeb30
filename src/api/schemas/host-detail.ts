// One host with what its collector last said of itself.
import Type, { type Static } from 'typebox';
import { bootSchema } from './boot.ts';
import { hostSchema } from './host.ts';
import { collectorSchema } from './status.ts';

export const hostDetailSchema = Type.Object(
  {
    ...hostSchema.properties,
    latest_boot: Type.Optional(bootSchema),
    collector: Type.Optional(collectorSchema),
  },
  { title: 'HostDetail' },
);

export type HostDetail = Static<typeof hostDetailSchema>;
