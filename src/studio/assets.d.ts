// What the bundler adds to a module system: style sheets may be imported for their effect.
declare module "*.css";
